"""Every flag of the command line stands in a page, and the program takes every command of a page."""

import ast
import re
import shlex
import textwrap
from functools import cache
from pathlib import Path

import pytest
import typer

import autogen
import autogen.cli.app

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")])
GROUP = typer.main.get_command(autogen.cli.app.app)
#: Words that stand for a value in a page.
PLACEHOLDERS = {"N": "7", "SECONDS": "7"}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


TEXTS = {named(page): page.read_text(encoding="utf-8") for page in PAGES}


def blocks(text: str, *languages: str) -> list[str]:
    """Code blocks of some languages; an empty name is a block without one."""
    found = re.findall(r"^```([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [code for language, code in found if language.split(" ")[0] in languages]


def commands(text: str) -> list[list[str]]:
    """Words of each command of autogen in the code blocks of a page."""
    lines = "\n".join(blocks(text, "", "sh", "bash")).replace("\\\n", " ").splitlines()
    lines += re.findall(r"(?m)^    (autogen [a-z].*)$", re.sub(r"(?ms)^```.*?^```$", "", text))
    known = "|".join(GROUP.commands)
    own = [line for line in lines if re.match(rf"\s*(\$ )?autogen ({known})\b", line)]
    return [shlex.split(line.strip().removeprefix("$ "), comments=True)[1:] for line in own]


COMMANDS = sorted({(page, shlex.join(words)) for page, text in TEXTS.items() for words in commands(text)})
MENTIONS = sorted(
    {
        (page, mention)
        for page, text in TEXTS.items()
        for mention in re.findall(r"`autogen ([a-z]+(?: [^`]*)?)`", text)
        if mention.split()[0] in GROUP.commands
    }
)


@pytest.mark.parametrize("command", sorted(GROUP.commands))
def test_every_flag_of_a_command_is_named_in_a_page(command):
    pages = "\n".join(TEXTS.values())
    options = [flag for one in GROUP.commands[command].params for flag in (*one.opts, *one.secondary_opts)]
    flags = {flag for flag in options if flag.startswith("--")}
    assert {flag for flag in flags - {"--help"} if not re.search(rf"{flag}(?![\w-])", pages)} == set()


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_every_command_of_a_page_parses(page, line):
    name, *words = (PLACEHOLDERS.get(word, word) for word in shlex.split(line))
    assert GROUP.commands[name].make_context(name, words).params


@pytest.mark.parametrize(("page", "mention"), MENTIONS)
def test_every_flag_that_a_page_mentions_with_a_command_is_one_of_it(page, mention):
    name = mention.split()[0]
    known = {flag for one in GROUP.commands[name].params for flag in (*one.opts, *one.secondary_opts)}
    used = {word.partition("=")[0] for word in mention.split() if re.match(r"--?[a-z]", word)}
    assert used <= known | {"--help"}


def test_there_are_commands_to_check():
    assert len(COMMANDS) > 40
    assert len(MENTIONS) > 40


def public(node: ast.expr) -> str:
    """Name of a public function or class, of ``autogen.NAME``; empty for anything else."""
    if not isinstance(node, ast.Attribute) or ast.unparse(node.value) != "autogen":
        return ""
    return node.attr if node.attr in autogen.__all__ else ""


@cache
def parameters(name: str) -> set[str]:
    """Names of the parameters of a public function or class, from its source: importing it takes seconds."""
    path = ROOT / f"{autogen._PUBLIC[name].replace('.', '/')}.py"
    path = path if path.exists() else path.with_suffix("") / "__init__.py"
    found = next(node for node in ast.walk(ast.parse(path.read_text())) if getattr(node, "name", "") == name)
    if isinstance(found, ast.ClassDef):
        found = next(node for node in found.body if getattr(node, "name", "") == "__init__")
    return {one.arg for one in (*found.args.args, *found.args.kwonlyargs)}


@pytest.mark.parametrize("page", TEXTS)
def test_python_of_a_page_compiles_and_uses_arguments_that_are_there(page):
    for code in blocks(TEXTS[page], "python"):
        for node in ast.walk(ast.parse(textwrap.dedent(code))):
            if isinstance(node, ast.Call) and (name := public(node.func)):
                used = {one.arg for one in node.keywords if one.arg}
                assert used <= parameters(name), f"autogen.{name} takes no {used - parameters(name)}"
