"""`python -m tests.fuzz.guided text|answer FOLDER`: the promises under a coverage-guided fuzzer.

It needs atheris, which is not among the dependencies: it is a compiler's runtime for one file.
"""

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]  # installed by hand, see above

with atheris.instrument_imports(include=["bot"]):
    from tests.fuzz.promises import check_answer, check_text


_HEADERS = ("Retry-After", "Date", "X-Request-ID", "Content-Type")
# Plain, so that what is found reads like what it is, and so that files of examples can be seeds.
_TYPED = (
    'create "Sales" outbound 10',
    "create “Bob East” in 25",
    "history state:unknown",
    "status ABCD-EFGH",
)
_EXAMPLES = sorted((Path(__file__).parents[1] / "data" / "vobiz").glob("*.json"))


def text(data: bytes) -> None:
    """Read bytes as a command."""
    check_text(data.decode("utf-8", "surrogateescape"), 1_000)


def answer(data: bytes) -> None:
    """Read bytes as an answer: two for the status, lines of header values, an empty line, the body."""
    status = 100 + int.from_bytes(data[:2]) % 500
    head, _, body = data[2:].partition(b"\n\n")
    values = head.decode("latin-1").split("\n")
    check_answer(status, dict(zip(_HEADERS, values, strict=False)), body)


def seed(folder: Path) -> None:
    """Put examples into the folders where the two begin."""
    for target in ("text", "answer"):
        (folder / target).mkdir(parents=True, exist_ok=True)
    for number, typed in enumerate(_TYPED):
        (folder / "text" / f"seed-{number}").write_bytes(typed.encode())
    for number, example in enumerate(_EXAMPLES):
        for status in (201, 400, 500):
            head = (status - 100).to_bytes(2) + b"7\nMon, 24 Nov 2025 03:00:00 GMT\nreq_1\n\n"
            (folder / "answer" / f"seed-{number}-{status}").write_bytes(head + example.read_bytes())


def main() -> None:
    """Run libFuzzer in FOLDER; its own flags follow, `-max_total_time=300` for one."""
    name, folder = sys.argv[1:3]
    seed(Path(folder))
    atheris.Setup([sys.argv[0], f"{folder}/{name}", *sys.argv[3:]], {"text": text, "answer": answer}[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
