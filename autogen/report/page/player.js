// Plays the notes of a piano roll: one decaying tone a note, at most one piece at a time.
(() => {
  let context, stop = () => {};

  function tone(start, length, pitch, output) {
    const voice = context.createOscillator(), level = context.createGain();
    voice.type = "triangle";
    voice.frequency.value = 440 * 2 ** ((pitch - 69) / 12);
    level.gain.setValueAtTime(0, start);
    level.gain.linearRampToValueAtTime(0.2, start + 0.01);
    level.gain.setTargetAtTime(0.08, start + 0.02, 0.3);
    level.gain.setTargetAtTime(0, start + length, 0.05);
    voice.connect(level).connect(output);
    voice.start(start);
    voice.stop(start + length + 0.4);
  }

  function play(tune, button) {
    stop();
    context ??= new AudioContext();
    context.resume();
    const notes = JSON.parse(tune.querySelector("script").textContent);
    const cursor = tune.querySelector(".cursor"), drawing = tune.querySelector("svg");
    const view = tune.querySelector(".scroll");
    const end = Math.max(...notes.map(([start, length]) => start + length));
    const across = drawing.viewBox.baseVal.width / end;
    const output = context.createGain(), begin = context.currentTime + 0.1;
    output.connect(context.destination);
    for (const [start, length, pitch] of notes) tone(begin + start, length, pitch, output);
    let playing = true;
    stop = () => {
      playing = false;
      output.disconnect();
      cursor.setAttribute("x", -2);
      button.textContent = "Play";
      stop = () => {};
    };
    button.textContent = "Stop";
    const move = () => {
      if (!playing) return;
      const now = context.currentTime - begin;
      if (now > end + 0.4) return stop();
      const share = Math.max(0, now) / end;
      cursor.setAttribute("x", share * end * across);
      const at = share * view.scrollWidth - view.scrollLeft;  // a long piece turns its page
      if (at > view.clientWidth || at < 0) view.scrollLeft += at;
      requestAnimationFrame(move);
    };
    move();
  }

  for (const tune of document.querySelectorAll(".tune")) {
    const button = tune.querySelector("button");
    if (!tune.querySelector("svg")) button.disabled = true;
    button.addEventListener("click", () => button.textContent === "Stop" ? stop() : play(tune, button));
  }
})();
