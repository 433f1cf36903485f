"""`bellwether audit key …`: the keys that sign checkpoints."""

import os
from pathlib import Path
from typing import Annotated

import typer

from streams.cli.speaking import Exit, clean_errors, fail, out, tell_json

app = typer.Typer(help="The keys that sign checkpoints.", no_args_is_help=True)


@app.callback()
def about() -> None:
    """The keys that sign checkpoints."""


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="Where the private key goes; the public one beside it, as FILE.pub.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Make an Ed25519 key. A file that is there is never overwritten.

    Examples:

        bellwether audit key new audit.pem
    """
    from alerting.audit.keys import SigningKey

    key, public = SigningKey.new(), file.with_name(file.name + ".pub")
    try:
        _write(file, key.pem, 0o600)
        _write(public, key.public.pem, 0o644)
    except FileExistsError as error:
        fail(f"{error.filename} is there already: a key is never overwritten; choose another name", Exit.USAGE)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", Exit.USAGE)
    if json:
        tell_json({"key_id": key.public.id, "private": str(file), "public": str(public)})
    else:
        out.print(
            f"Key {key.public.id}: {file} (keep it secret), {public} (give it to whoever verifies).", soft_wrap=True
        )


@app.command()
def show(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """The key of this instance and those that are trusted; never a private one.

    Examples:

        bellwether audit key show
    """
    with clean_errors():
        from streams import settings
        from streams.checkpoints import public_keys, signing_key

        told = settings.load(context.obj)
        ours, trusted = signing_key(told), public_keys(told)
    if json:
        keys = {key.id: key.pem.decode() for key in trusted.values()}
        tell_json({"signs": None if ours is None else ours.public.id, "trusted": keys})
        return
    for key in trusted.values():
        signs = " (signs)" if ours is not None and key.id == ours.public.id else ""
        out.print(f"{key.id}{signs}\n{key.pem.decode().strip()}")
    if not trusted:
        out.print("No key is set up: audit_key_file, audit_key and audit_public_keys name none.")


def _write(path: Path, text: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
