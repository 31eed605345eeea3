// Figures are drawn when they come into view, the rest when there is nothing else to do, so that the
// page opens at once; the library travels packed, since it is most of the page.
(() => {
  let loading;
  const load = () => loading ??= (async () => {
    const packed = atob(document.getElementById("plotly").textContent);
    const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  })();

  const begun = new WeakSet();
  async function draw(drawing) {
    if (begun.has(drawing)) return;
    begun.add(drawing);
    const { data, layout } = JSON.parse(drawing.querySelector("script").textContent);
    await load();
    const place = drawing.querySelector("div");
    await Plotly.newPlot(place, data, layout, { displayModeBar: false, responsive: true });
    drawing.dataset.drawn = "";
  }

  const drawings = [...document.querySelectorAll(".drawing")];
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) draw(entry.target);
  }, { rootMargin: "300px" });
  drawings.forEach((drawing) => seen.observe(drawing));

  // What is folded away has no width to be drawn to; it is drawn once it is unfolded.
  const drawRest = async () => {
    for (const drawing of drawings) if (drawing.offsetParent) await draw(drawing);
  };
  addEventListener("load", () => setTimeout(drawRest, 400));
  addEventListener("beforeprint", () => drawings.forEach((drawing) => {
    const place = drawing.querySelector(".js-plotly-plot");
    if (place) Plotly.Plots.resize(place);
  }));

  // A page that loads itself again comes back to where its reader was.
  if (document.querySelector('meta[http-equiv="refresh"]')) {
    const key = "autogen" + location.pathname;
    const folds = () => [...document.querySelectorAll("details")];
    addEventListener("pagehide", () => sessionStorage.setItem(key, JSON.stringify(
      { y: scrollY, open: folds().map((fold) => fold.open) })));
    const before = JSON.parse(sessionStorage.getItem(key) ?? "null");
    before?.open.forEach((open, i) => { if (open && folds()[i]) folds()[i].open = true; });
    if (before) addEventListener("load", () => scrollTo(0, before.y));
  }
})();
