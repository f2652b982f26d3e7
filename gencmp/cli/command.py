"""Shared by all commands: --json, errors as one sentence, and help that any terminal can display."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from gencmp.errors import GencmpError

MODEL = "A run, a .safetensors file, paper-gan or paper-vae."
NOTHING_KEPT = "It did not finish; run the same command to start over."
FILE: click.Path = click.Path(path_type=Path)  # or a folder; each command reports problems in its own words
_JSON = "gencmp.json"


class Whole(click.IntRange):
    """A whole number between two bounds, with a plainer error than click's `0 is not in the range 1<=x<=100`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"found {value!r}, wanted a whole number from {self.min} to {self.max}", param, ctx)


SEED, EPOCH = Whole(0, 2**31 - 1), Whole(1, 10_000)


class _Helpful(click.Command):
    """Prints its help with print(): click.echo would write UTF-8 even where the terminal's encoding is ASCII."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        if option := super().get_help_option(ctx):
            option.callback = _print_help
        return option

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # click omits it when an option lacks its value
            raise

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="usage: ")


def _print_help(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        print(ctx.get_help())
        ctx.exit()


class Group(_Helpful, click.Group):
    """Lists its commands in the order they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


class Command(_Helpful):
    """Its function returns what --json prints. kept: what remains after an interrupt: a sentence, or a function of the options."""

    def __init__(self, *args: Any, kept: str | Callable[..., str] = NOTHING_KEPT, **facts: Any):
        super().__init__(*args, **facts)
        self.kept = kept
        self.params.append(click.Option(["--json"], is_flag=True, help="Print one JSON object as the last line."))

    def invoke(self, ctx: click.Context) -> int:
        """Returns the exit status."""
        ctx.meta[_JSON] = ctx.params.pop("json")
        try:
            answer = super().invoke(ctx)
        except GencmpError as error:
            return _refuse(str(error))
        except BrokenPipeError:
            raise  # the reader of our output has gone
        except OSError as error:  # a full disk, a folder in the way, no permission
            where = error.filename2 or error.filename
            return _refuse(f"{where} cannot be read or written: {error.strerror}." if where else str(error))
        except KeyboardInterrupt:
            kept = self.kept if isinstance(self.kept, str) else self.kept(**ctx.params)
            print(f"\ngencmp: interrupted. {kept}", file=sys.stderr)
            return 130
        if json_wanted():
            print(json.dumps(answer))
        return 0 if answer.get("ok", True) else 1


def command(name: str, words: str, more: str = "", **facts: Any) -> Callable[..., Command]:
    """Make a command of a function. words: its line in the list of commands; more: further sentences for its own help."""
    return click.command(name, cls=Command, help=f"{words[0].upper()}{words[1:]}. {more}", short_help=words, **facts)


def json_wanted() -> bool:
    return bool(click.get_current_context().meta[_JSON])


def say(words: str) -> None:
    """Print for people: nothing with --json."""
    if not json_wanted():
        print(words)


def _refuse(words: str) -> int:
    print(f"gencmp: {words}", file=sys.stderr)
    if json_wanted():
        print(json.dumps({"ok": False, "error": words}))
    return 2


def refuse_usage(error: click.UsageError) -> NoReturn:
    """Print the usage of a mistyped command and what is wrong. Exits with status 2."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        print(error.format_message(), file=sys.stderr)
    elif error.ctx:
        path, sentence = error.ctx.command_path, _usage_sentence(error)
        print(f"{error.ctx.get_usage()}\ngencmp: {sentence} See `{path} --help`.", file=sys.stderr)
    raise SystemExit(error.exit_code)


def _usage_sentence(error: click.UsageError) -> str:
    match error:
        case click.exceptions.NoSuchCommand(command_name=name, cmd=click.Group(commands=commands)):
            return f"invalid choice: {name!r}, wanted one of {', '.join(commands)}."
        case click.NoSuchOption(option_name=name, possibilities=near):
            return f"unrecognized arguments: {name}." + (f" Did you mean {' or '.join(near)}?" if near else "")
    return f"{error.format_message().rstrip('.')}."
