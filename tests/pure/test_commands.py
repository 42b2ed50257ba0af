"""The command's text: every style of quotes, every slip, and nothing that a name loses on its way."""
# ruff: noqa: RUF001 - look-alikes of ASCII characters are the subject

import time
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.commands.lexer import FAMILY, plain
from bot.commands.parse import Begin, Command, Doctor, Help, Problem, Status
from bot.commands.parse import parse as parse_any
from bot.commands.problems import WORD, ProblemKind
from bot.domain.reference import reference
from bot.kinds.base import Limits
from bot.kinds.create_trunk.request import NAME_MAX, Direction, Fault, check_calls, check_name
from bot.kinds.create_trunk.syntax import create_line
from bot.kinds.registry import KINDS, Kinds
from tests.kinds.toy import PrintBadge

IN, OUT = Direction.INBOUND, Direction.OUTBOUND
MAX = 1000
FAMILY_EMOJI = "👩\u200d👩\u200d👧\u200d👦"

VERBS = " | ".join((*KINDS.verbs, "list", "show", "test", "status", "history", "doctor", "help"))


def parse(text: str, max_calls: int) -> Command | Problem:
    """Parse a text with the kinds that the bot has."""
    return parse_any(text, KINDS.verbs, Limits(max_calls))


def begun(name: str | None, direction: Direction | None, calls: int | None) -> Begin:
    """Expect a create with what is known of it."""
    known = {"name": name, "direction": direction and direction.value, "calls": calls}
    return Begin("create_trunk", {key: value for key, value in known.items() if value is not None})


def problem(text: str, max_calls: int = MAX) -> Problem:
    """Parse a text that must be refused."""
    result = parse(text, max_calls)
    assert isinstance(result, Problem)
    return result


# --- what is understood ---------------------------------------------------------------------------

QUOTES = [
    ('"', '"'), ("“", "”"), ("„", "“"), ("„", "”"), ("”", "”"), ("“", "“"), ('"', "”"), ("“", '"'),
    ("'", "'"), ("‘", "’"), ("‚", "‘"), ("‛", "’"), ("’", "’"), ("'", "’"), ("«", "»"), ("»", "«"),
    ("‹", "›"), ("›", "‹"), ("＂", "＂"), ("＇", "＇"), ("″", "″"), ("′", "′"), ("‵", "′"), ("‟", "”"),
    ("〝", "〞"), ("〝", "〟"), ("`", "`"), ("´", "´"), ("❝", "❞"), ("❛", "❜"), ("「", "」"), ("『", "』"),
    ("｢", "｣"), ("《", "》"), ("〈", "〉"),
]  # fmt: skip


def test_any_quotes_that_a_keyboard_types_hold_a_name_of_several_words() -> None:
    expected = begun("Sales East", OUT, 10)
    for opening, closing in QUOTES:
        found = parse(f"create {opening}Sales East{closing} outbound 10", MAX)
        assert found == expected, f"U+{ord(opening):04X} U+{ord(closing):04X}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('create "Sales" outbound 10', begun("Sales", OUT, 10), id="as documented"),
        pytest.param("create Sales outbound 10", begun("Sales", OUT, 10), id="no quotes"),
        pytest.param(
            "create Sales East 2 outbound 10", begun("Sales East 2", OUT, 10), id="no quotes, words"
        ),
        pytest.param("create", begun(None, None, None), id="nothing"),
        pytest.param('create "Sales"', begun("Sales", None, None), id="quoted name"),
        pytest.param("create Sales", begun("Sales", None, None), id="name"),
        pytest.param("create Acme East", begun("Acme East", None, None), id="name of two words"),
        pytest.param('create "Sales" outbound', begun("Sales", OUT, None), id="no limit"),
        pytest.param("create Sales outbound", begun("Sales", OUT, None), id="no limit, no quotes"),
        pytest.param('create "Sales" 10', begun("Sales", None, 10), id="no direction"),
        pytest.param("create Sales 10", begun("Sales", None, 10), id="no direction, no quotes"),
        pytest.param("create outbound 10", begun(None, OUT, 10), id="no name"),
        pytest.param("create outbound", begun(None, OUT, None), id="only a direction"),
        pytest.param("create 10", begun(None, None, 10), id="only a limit"),
        pytest.param("create inbound outbound 10", begun("inbound", OUT, 10), id="a trunk called inbound"),
        pytest.param("create Sales inbound outbound", begun("Sales inbound", OUT, None), id="two directions"),
        pytest.param('create "outbound" 10', begun("outbound", None, 10), id="a quoted direction is a name"),
        pytest.param('create "outbound 10"', begun("outbound 10", None, None), id="all in the quotes"),
        pytest.param('create "help"', begun("help", None, None), id="a trunk called help"),
        pytest.param("create Unbound", begun("Unbound", None, None), id="a name near both directions"),
        pytest.param("create calls in Berlin", begun("calls in Berlin", None, None), id="in as a word"),
        pytest.param("create Team O 10", begun("Team O", None, 10), id="o is no direction"),
        pytest.param("create “Bob’s East” outbound 10", begun("Bob’s East", OUT, 10), id="design's example"),
        pytest.param(
            "create ‘Bob’s East’ outbound 10", begun("Bob’s East", OUT, 10), id="single around apostrophe"
        ),
        pytest.param(
            "create 'Bob's East' outbound 10", begun("Bob's East", OUT, 10), id="ASCII single around it"
        ),
        pytest.param(
            "create ‘Bobs’ East’ outbound 10", begun("Bobs’ East", OUT, 10), id="possessive in single"
        ),
        pytest.param(
            "create Bob’s East outbound 10", begun("Bob’s East", OUT, 10), id="apostrophe, no quotes"
        ),
        pytest.param("create Bobs’ outbound 10", begun("Bobs’", OUT, 10), id="apostrophe at the end"),
        pytest.param('create "5" pipe" outbound 10', begun('5" pipe', OUT, 10), id="five-inch pipe"),
        pytest.param('create "5"" outbound 10', begun('5"', OUT, 10), id="five inches"),
        pytest.param('create the "big" one in 3', begun('the "big" one', IN, 3), id="quotes within words"),
        pytest.param('create the "big" in 3', begun('the "big"', IN, 3), id="quotes at the end of words"),
        pytest.param('create "Sales" "outbound" "10"', begun("Sales", OUT, 10), id="all values quoted"),
        pytest.param("create `Sales` `outbound` `10`", begun("Sales", OUT, 10), id="backticks around values"),
        pytest.param('`create "Sales" outbound 10`', begun("Sales", OUT, 10), id="backticks around it all"),
        pytest.param(
            '```create "Sales" outbound 10```', begun("Sales", OUT, 10), id="a block of code, quotes"
        ),
        pytest.param("```\ncreate Sales outbound 10\n``` ", begun("Sales", OUT, 10), id="a block of code"),
        pytest.param(
            "`create` Sales `outbound` `10`", begun("Sales", OUT, 10), id="backticks around the verb"
        ),
        pytest.param("CREATE Sales OutBound 10", begun("Sales", OUT, 10), id="any case"),
        pytest.param("c Sales out 10", begun("Sales", OUT, 10), id="short"),
        pytest.param("cr Sales inb 10", begun("Sales", IN, 10), id="shortened"),
        pytest.param("create Sales outbound 007", begun("Sales", OUT, 7), id="leading zeros"),
        pytest.param("create Sales outbound 1000", begun("Sales", OUT, 1000), id="the cap itself"),
        pytest.param(
            "create\u00a0“Sales”\u2009outbound\u200b10\ufeff", begun("Sales", OUT, 10), id="odd spaces"
        ),
        pytest.param(
            "\u2068create\u2069 \u202aSales\u202c outbound\u200f 10",
            begun("Sales", OUT, 10),
            id="bidi marks outside",
        ),
        pytest.param('create\t"Sales"\n outbound \r\n10', begun("Sales", OUT, 10), id="line ends outside"),
        pytest.param(
            'create "Sales  \u00a0East" in 3', begun("Sales  \u00a0East", IN, 3), id="spaces are kept"
        ),
        pytest.param(
            "create Sales  \u00a0East in 3", begun("Sales  \u00a0East", IN, 3), id="kept, no quotes"
        ),
        pytest.param('create " Sales " in 3', begun("Sales", IN, 3), id="trimmed"),
        pytest.param('create "A &amp; B &lt;C&gt;" in 3', begun("A & B <C>", IN, 3), id="Slack's entities"),
        pytest.param('create "A &amp;lt; B" in 3', begun("A &lt; B", IN, 3), id="decoded once"),
        pytest.param('create "A &quot; B" in 3', begun("A &quot; B", IN, 3), id="no other entity"),
        pytest.param('create "Cafe\u0301" in 3', begun("Café", IN, 3), id="NFC"),
        pytest.param(
            f'create "{FAMILY_EMOJI}" in 3', begun(FAMILY_EMOJI, IN, 3), id="emoji joined by U+200D"
        ),
        pytest.param(
            f"create {FAMILY_EMOJI} 🇮🇳 in 3", begun(f"{FAMILY_EMOJI} 🇮🇳", IN, 3), id="emoji, no quotes"
        ),
        pytest.param('create "a — b – c" in 3', begun("a — b – c", IN, 3), id="dashes are kept"),
        pytest.param(
            'create "<!channel> *bold*" in 3', begun("<!channel> *bold*", IN, 3), id="mrkdwn is a name"
        ),
        pytest.param("create שלום outbound 10", begun("שלום", OUT, 10), id="right to left"),
        pytest.param(f'create "{"x" * 255}" in 3', begun("x" * 255, IN, 3), id="longest name"),
        pytest.param("status 7K3M-2Q9X", Status("7K3M-2Q9X"), id="status"),
        pytest.param("status `7k3m 2q9x`", Status("7K3M-2Q9X"), id="status as heard on the phone"),
        pytest.param("S\u00a07k3m2q9o", Status("7K3M-2Q90"), id="status with a letter O"),
        *(
            pytest.param(text, Help(), id=f"help {text!r}")
            for text in (
                "",
                " ",
                "\u00a0\n",
                "help",
                "HELP",
                "h",
                "?",
                "-h",
                "--help",
                "—help",
                "–help",
                "help create",
            )
        ),
        *(
            pytest.param(text, Doctor(), id=f"doctor {text!r}")
            for text in ("doctor", "Doc", "d", "`doctor`", "doctor please")
        ),
        *(
            pytest.param(f"create {text}", Help(), id=f"help {text!r} of create")
            for text in ("help", "--help", "-h", "?")
        ),
    ],
)
def test_a_text_that_makes_sense_is_understood(text: str, expected: Command) -> None:
    assert parse(text, MAX) == expected


@pytest.mark.parametrize(
    "text",
    [
        'create *"Sales"* outbound 10',
        "create _Sales_ outbound 10",
        "create ~*Sales*~ *outbound* 10",
        "create `Sales` outbound `10`",
        "create ```Sales``` outbound 10",
        'create "Sales" *outbound 10*',
        'create *"Sales" outbound 10*',
        '*create "Sales" outbound 10*',
        "`create Sales outbound 10`",
        '_create_ _"Sales"_ _outbound_ _10_',
        '> create "Sales" outbound 10',
        '&gt; *create* "Sales" outbound 10',
        'create "Sales" outbound <tel:10|10>',
        "create <http://sales|Sales> outbound 10",
        'create\u200b "Sales"\u00a0outbound\u202f10\n',
        "create „Sales“ outbound 10",
    ],
)
def test_slacks_formatting_is_no_part_of_what_is_meant(text: str) -> None:
    assert parse(text, MAX) == begun("Sales", OUT, 10)


@pytest.mark.parametrize(
    "name",
    ["*Sales*", "_x_ _y_", "*star", "a*b*c", "snake_case", "**", "<http://a|b>", "~", "*a _b* c_", ":phone:"],
)
def test_in_quotes_everything_is_the_name(name: str) -> None:
    assert parse(f'create "{name}" *outbound* _10_', MAX) == begun(name, OUT, 10)


@pytest.mark.parametrize(
    "name", ["*star", "a*b*c", "snake_case", "2*3", "<@U0BEN0001>", "*", ":phone:", "_ _"]
)
def test_what_is_no_pair_around_words_is_no_formatting(name: str) -> None:
    assert parse(f"create {name} outbound 10", MAX) == begun(name, OUT, 10)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ('create "Sales" outbound 1 000', 'create "Sales" outbound 1000'),
        ("create Sales outbound 1\u202f000", 'create "Sales" outbound 1000'),
        ("create Sales outbound 1'000", 'create "Sales" outbound 1000'),
        ('create "Sales" outbound 1,000', 'create "Sales" outbound 1000'),
        ('create "Sales" outbound 1.000', None),
        ('create "Sales" outbound １０', 'create "Sales" outbound 10'),
        (':phone: create "Sales" outbound 10', 'create "Sales" outbound 10'),
    ],
)
def test_a_limit_in_groups_is_never_corrected_to_less(text: str, fix: str | None) -> None:
    assert problem(text, 1000).fix == fix


@pytest.mark.parametrize("text", ["create Area 51 200 outbound 10", "create Sales outbound 100"])
def test_digits_in_a_name_are_no_groups_of_a_limit(text: str) -> None:
    assert not isinstance(parse(text, MAX), Problem)


def test_long_formatted_text_is_read_in_time() -> None:
    began = time.perf_counter()
    for mark in ("*a ", "_a ", "*a* ", "a* ", "**", "`", '"a ', "<http://"):
        parse(mark * 20_000, MAX)
    assert time.perf_counter() - began < 10  # what grows with the square takes minutes


# --- what is refused, and the fix that is offered ---------------------------------------------------

F, K = Fault, ProblemKind
REFUSALS = [
    pytest.param(
        'create "Sales" outbuond 10', F.DIRECTION, "outbuond", 'create "Sales" outbound 10', id="outbuond"
    ),
    pytest.param(
        "create Sales outbuond 10", F.DIRECTION, "outbuond", 'create "Sales" outbound 10', id="no quotes"
    ),
    pytest.param(
        "create Sales inbuond", F.DIRECTION, "inbuond", 'create "Sales" inbound', id="inbuond, no limit"
    ),
    pytest.param(
        'create "Sales" inbuond', F.DIRECTION, "inbuond", 'create "Sales" inbound', id="quoted, no limit"
    ),
    pytest.param("create outbuond 10", F.DIRECTION, "outbuond", "create outbound 10", id="outbuond, no name"),
    pytest.param(
        'create "Sales" out-bound 10', F.DIRECTION, "out-bound", 'create "Sales" outbound 10', id="dash"
    ),
    pytest.param(
        'create "Sales" incoming 10', F.DIRECTION, "incoming", 'create "Sales" inbound 10', id="incoming"
    ),
    pytest.param(
        "create Sales outgoing 10", F.DIRECTION, "outgoing", 'create "Sales" outbound 10', id="outgoing"
    ),
    pytest.param(
        'create "Sales" outbuond ten', F.DIRECTION, "outbuond", 'create "Sales" outbound 10', id="two slips"
    ),
    pytest.param(
        'create "Sales" outbuond zero', F.DIRECTION, "outbuond", None, id="one slip of two is clear"
    ),
    pytest.param('create "Sales" unbound 10', F.DIRECTION, "unbound", None, id="near both"),
    pytest.param('create "Sales" both 10', F.DIRECTION, "both", None, id="both"),
    pytest.param('create "Sales" i 10', F.DIRECTION, "i", None, id="one letter"),
    pytest.param('create "A" "B" 10', F.DIRECTION, '"B"', None, id="two quoted values"),
    pytest.param(
        'create "Sales" 10 outbound', F.DIRECTION, "10 outbound", 'create "Sales" outbound 10', id="swapped"
    ),
    pytest.param(
        "create Sales 10 outbound",
        F.DIRECTION,
        "10 outbound",
        'create "Sales" outbound 10',
        id="swapped, no quotes",
    ),
    pytest.param(
        "create 10 outbound", F.DIRECTION, "10 outbound", "create outbound 10", id="swapped, no name"
    ),
    pytest.param("create Sales outbound 0", F.LIMIT_RANGE, "0", None, id="0"),
    pytest.param("create Sales outbound 000", F.LIMIT_RANGE, "000", None, id="000"),
    pytest.param("create Sales outbound -1", F.LIMIT_RANGE, "-1", None, id="-1"),
    pytest.param("create Sales outbound \u22125", F.LIMIT_RANGE, "\u22125", None, id="minus sign"),
    pytest.param("create Sales outbound 1001", F.LIMIT_RANGE, "1001", None, id="over the cap"),
    pytest.param("create 1001", F.LIMIT_RANGE, "1001", None, id="only a limit, over the cap"),
    pytest.param("create Sales 1001", F.LIMIT_RANGE, "1001", None, id="no direction, over the cap"),
    pytest.param('create "Sales" 1001', F.LIMIT_RANGE, "1001", None, id="quoted, over the cap"),
    pytest.param(f"create Sales in {'9' * 1500}", F.LIMIT_RANGE, "9" * 1500, None, id="1500 digits"),
    pytest.param("create Sales outbound 1e9", F.LIMIT_NOT_WHOLE, "1e9", None, id="1e9"),
    pytest.param("create Sales outbound 10.5", F.LIMIT_NOT_WHOLE, "10.5", None, id="10.5"),
    pytest.param("create 10.5", F.LIMIT_NOT_WHOLE, "10.5", None, id="only 10.5"),
    pytest.param("create Sales 10.", F.LIMIT_NOT_WHOLE, "10.", 'create "Sales" 10', id="full stop"),
    pytest.param("create Sales out 10.0", F.LIMIT_NOT_WHOLE, "10.0", 'create "Sales" outbound 10', id="10.0"),
    pytest.param(
        "create Sales outbound ٣", F.LIMIT_NOT_WHOLE, "٣", 'create "Sales" outbound 3', id="Arabic three"
    ),
    pytest.param(
        "create Sales outbound １０", F.LIMIT_NOT_WHOLE, "１０", 'create "Sales" outbound 10', id="full width"
    ),
    pytest.param(
        "create Sales outbound ten", F.LIMIT_NOT_WHOLE, "ten", 'create "Sales" outbound 10', id="ten"
    ),
    pytest.param(
        "create Sales out fifty", F.LIMIT_NOT_WHOLE, "fifty", 'create "Sales" outbound 50', id="fifty"
    ),
    pytest.param('create "Sales" ten', F.LIMIT_NOT_WHOLE, "ten", 'create "Sales" 10', id="ten, no direction"),
    pytest.param("create Sales outbound +5", F.LIMIT_NOT_WHOLE, "+5", 'create "Sales" outbound 5', id="+5"),
    pytest.param(
        "create Sales outbound 1,000", F.LIMIT_NOT_WHOLE, "1,000", 'create "Sales" outbound 1000', id="1,000"
    ),
    pytest.param("create Sales outbound 10,000", F.LIMIT_NOT_WHOLE, "10,000", None, id="10,000"),
    pytest.param("create Sales outbound 10²", F.LIMIT_NOT_WHOLE, "10²", None, id="superscript"),
    pytest.param("create Sales outbound lots", F.LIMIT_NOT_WHOLE, "lots", None, id="lots"),
    pytest.param('create "Sales" outbound in', F.LIMIT_NOT_WHOLE, "in", None, id="two directions"),
    pytest.param(
        'create "Sales outbound 10', F.QUOTE_OPEN, '"', 'create "Sales" outbound 10', id="never closed"
    ),
    pytest.param(
        "create ‘Sales outbound 10", F.QUOTE_OPEN, "‘", 'create "Sales" outbound 10', id="single, open"
    ),
    pytest.param(
        "create 'Bob's outbound 10", F.QUOTE_OPEN, "'", 'create "Bob\'s" outbound 10', id="open, apostrophe"
    ),
    pytest.param(
        'create "Sales outbuond 10', F.QUOTE_OPEN, '"', 'create "Sales" outbound 10', id="open and a slip"
    ),
    pytest.param(
        'create Sales" outbound 10', F.QUOTE_OPEN, '"', 'create "Sales" outbound 10', id="never opened"
    ),
    pytest.param('create x " outbound 10', F.QUOTE_OPEN, '"', 'create "x" outbound 10', id="a quote alone"),
    pytest.param('create "', F.QUOTE_OPEN, '"', None, id="only a quote"),
    pytest.param(
        'create "Sales"outbound 10', F.EXTRA_WORD, "outbound", 'create "Sales" outbound 10', id="glued"
    ),
    pytest.param(
        'create "Sales", outbound, 10', F.EXTRA_WORD, ",", 'create "Sales" outbound 10', id="commas"
    ),
    pytest.param('create "A"b c "d e', F.QUOTE_OPEN, '"', "create 'A\"b c \"d e'", id="glued, no sense"),
    pytest.param(
        'create "Sales" East outbound 10',
        F.EXTRA_WORD,
        "East",
        'create "Sales East" outbound 10',
        id="word before",
    ),
    pytest.param(
        'create "Sales" outbound 10 now ok',
        F.EXTRA_WORD,
        "now ok",
        'create "Sales" outbound 10',
        id="words after",
    ),
    pytest.param(
        "create Sales outbound 10 please",
        F.EXTRA_WORD,
        "please",
        'create "Sales" outbound 10',
        id="after, no quotes",
    ),
    pytest.param("create Sales out 10 20", F.EXTRA_WORD, "20", 'create "Sales" outbound 10', id="two limits"),
    pytest.param(
        f'create "{"x" * 250}" East Coast in 3', F.EXTRA_WORD, "East Coast", None, id="together too long"
    ),
    pytest.param('create "Sales" a b c', F.EXTRA_WORD, "a", None, id="words without sense"),
    pytest.param('create "" outbound 10', F.NAME_EMPTY, '""', None, id="empty name"),
    pytest.param('create "\u00a0\u200b " out 10', F.NAME_EMPTY, '"   "', None, id="blank name"),
    pytest.param("create “\u200d” out 10", F.NAME_EMPTY, "“\u200d”", None, id="name that cannot be seen"),
    pytest.param(f'create "{"x" * 256}" in 3', F.NAME_LONG, "x" * 256, None, id="256 characters"),
    pytest.param(f"create {'x' * 256} in 3", F.NAME_LONG, "x" * 256, None, id="256 characters, no quotes"),
    pytest.param(
        f'create "{"x" * 256}" in zero', F.NAME_LONG, "x" * 256, None, id="long name and a bad limit"
    ),
    pytest.param(
        'create "a\u202eb" in 3', F.NAME_CHARACTER, " ", 'create "ab" inbound 3', id="bidi override"
    ),
    pytest.param('create "a\u2066b" in 3', F.NAME_CHARACTER, " ", 'create "ab" inbound 3', id="bidi isolate"),
    pytest.param('create "a\nb" in 3', F.NAME_CHARACTER, " ", 'create "a b" inbound 3', id="line end"),
    pytest.param("create a\tb in 3", F.NAME_CHARACTER, " ", 'create "a b" inbound 3', id="tab, no quotes"),
    pytest.param(
        'create "a\u2028b" in 3', F.NAME_CHARACTER, " ", 'create "a b" inbound 3', id="line separator"
    ),
    pytest.param('create "a\0b" in 3', F.NAME_CHARACTER, " ", 'create "ab" inbound 3', id="NUL"),
    pytest.param(
        'create "a\x85b\x9f" in 3', F.NAME_CHARACTER, " ", 'create "a b" inbound 3', id="C1 control"
    ),
    pytest.param(
        'create "a\ud800b" in 3', F.NAME_CHARACTER, "\ufffd", 'create "ab" inbound 3', id="half a pair"
    ),
    pytest.param('create "\ud800" in 3', F.NAME_CHARACTER, "\ufffd", None, id="nothing but half a pair"),
    pytest.param(
        'create "a\nb" outbuond 10', F.NAME_CHARACTER, " ", 'create "a b"', id="bad name and direction"
    ),
    pytest.param(
        "create a\nb outbuond 10", F.DIRECTION, "outbuond", None, id="bad name, no quotes, bad direction"
    ),
    pytest.param(
        f"create {'x' * 2993} ", K.TOO_LONG, ("create " + "x" * 2993)[:2000], None, id="3000 characters"
    ),
    pytest.param("history @asha", K.PERSON, "@asha", None, id="a handle"),
    pytest.param(f"history {'x' * 256}", K.QUERY_LONG, "x" * 256, None, id="longer than any name"),
    pytest.param("status", K.REFERENCE, "", None, id="no reference"),
    pytest.param("status foo", K.REFERENCE, "foo", None, id="not a reference"),
    pytest.param("status foo bar", K.REFERENCE, "foo bar", None, id="not a reference, words"),
    pytest.param(
        "status 7k3m2q9x please", K.EXTRA_WORD, "please", "status 7K3M-2Q9X", id="words after a reference"
    ),
    pytest.param('craete "Sales" in 3', K.UNKNOWN_VERB, "craete", 'create "Sales" inbound 3', id="craete"),
    pytest.param(
        "craete Sales in ten", K.UNKNOWN_VERB, "craete", 'create "Sales" inbound 10', id="craete and ten"
    ),
    pytest.param("craete Sales in 0", K.UNKNOWN_VERB, "craete", None, id="craete and no fix for the rest"),
    pytest.param("new Sales in 3", K.UNKNOWN_VERB, "new", 'create "Sales" inbound 3', id="new"),
    pytest.param("staus 7k3m2q9x", K.UNKNOWN_VERB, "staus", "status 7K3M-2Q9X", id="staus"),
    pytest.param("docter", K.UNKNOWN_VERB, "docter", "doctor", id="docter"),
    pytest.param("hlep", K.UNKNOWN_VERB, "hlep", "help", id="hlep"),
    pytest.param("dlete Sales", K.UNKNOWN_VERB, "dlete", "delete Sales", id="delete is asked about"),
    pytest.param("x" * 500, K.UNKNOWN_VERB, "x" * 500, None, id="500 letters"),
    pytest.param('"Sales" in 3', K.UNKNOWN_VERB, '"Sales"', 'create "Sales" inbound 3', id="no verb"),
    pytest.param(
        "create“Sales” in 3", K.UNKNOWN_VERB, "create“Sales”", 'create "Sales" inbound 3', id="verb glued"
    ),
    pytest.param('x"Sales" in 3', K.UNKNOWN_VERB, 'x"Sales"', None, id="glued to no verb"),
    pytest.param(
        "/trunk create Sales in 3", K.UNKNOWN_VERB, "/trunk", 'create "Sales" inbound 3', id="pasted whole"
    ),
    pytest.param("/a " * 600, K.UNKNOWN_VERB, "/a", None, id="pasted 600 times"),
    pytest.param(
        "cre\u0430te Sales in 3", K.UNKNOWN_VERB, "cre\u0430te", 'create "Sales" inbound 3', id="Cyrillic a"
    ),
]


@pytest.mark.parametrize(("text", "kind", "at_fault", "fix"), REFUSALS)
def test_a_slip_is_refused_pointing_at_the_word_with_its_fix(
    text: str, kind: ProblemKind | Fault, at_fault: str, fix: str | None
) -> None:
    result = problem(text)
    assert (result.kind, result.text[result.start : result.end], result.fix) == (kind, at_fault, fix)


def test_every_kind_of_problem_is_in_the_table() -> None:
    assert {param.values[1] for param in REFUSALS} == set(ProblemKind) | set(Fault)


@pytest.mark.parametrize(
    ("text", "says", "usage"),
    [
        (
            "creat3 Sales",
            f"{{}} is not a command here. I know: {VERBS.replace(' | ', ', ')}.",
            VERBS,
        ),
        ("create Sales out 0", "{} is out of range: a trunk can have 1 to 1000 concurrent calls.", None),
        ('create ""', "The name is empty.", None),
        ('create "A" up 1', "{} is not a direction: write inbound or outbound.", None),
        (
            "status",
            "The reference is missing: eight letters and digits, as in 7K3M-9QWX.",
            "status <reference>",
        ),
        (
            "status x",
            "{} is not a reference: eight letters and digits, as in 7K3M-9QWX.",
            "status <reference>",
        ),
        ("status 7K3M9QWX x", "Unexpected text: {}.", "status <reference>"),
    ],
    ids=["verb", "limit", "name", "direction", "no reference", "reference", "extra word"],
)
def test_a_problem_says_what_is_wrong_and_how_the_verb_is_used(
    text: str, says: str, usage: str | None
) -> None:
    result = problem(text)
    assert (result.says, result.usage) == (
        says,
        usage or "create <name> <inbound|outbound> <1 to 1000>",
    )


def test_every_problem_has_words() -> None:
    for param in REFUSALS:
        result = problem(str(param.values[0]))
        assert result.says.count(WORD) <= 1
        assert "{" not in result.says.replace(WORD, "")


# --- verbs that are given from outside --------------------------------------------------------------

TOY = Kinds((*KINDS, PrintBadge())).verbs


def parse_with_toy(text: str) -> Command | Problem:
    return parse_any(text, TOY, Limits(MAX))


@pytest.mark.parametrize("text", ["badge Ann 3", "BADGE Ann 3", "`badge` Ann 3"])
def test_a_verb_of_any_kind_is_read_by_its_kind(text: str) -> None:
    assert parse_with_toy(text) == Begin("print_badge", {"label": "Ann", "sides": 3})


def test_a_verb_is_abbreviated_only_where_its_kind_allows_it() -> None:
    result = parse_with_toy("badg Ann 3")
    assert isinstance(result, Problem)
    assert (result.kind, result.fix) == (K.UNKNOWN_VERB, "badge Ann 3")
    assert result.usage == VERBS.replace(" list", " badge | list")
    assert parse_with_toy("c Sales") == begun("Sales", None, None)


def test_help_is_told_of_any_verb() -> None:
    assert parse_with_toy("badge --help") == Help()


def test_a_quoted_name_alone_is_offered_to_the_first_kind() -> None:
    result = parse_with_toy('"Sales" in 3')
    assert isinstance(result, Problem)
    assert result.fix == 'create "Sales" inbound 3'


def test_without_kinds_nothing_can_begin() -> None:
    result = parse_any('"Sales" in 3', {}, Limits(MAX))
    assert isinstance(result, Problem)
    assert (result.kind, result.fix) == (K.UNKNOWN_VERB, None)


def test_the_text_of_a_problem_is_what_was_typed_with_plain_spaces() -> None:
    result = problem("create\u00a0“A &amp; B”\u200boutbuond\u202f10")
    assert result.text == "create “A & B” outbuond 10"


def test_a_fix_keeps_unusual_spaces_of_the_name() -> None:
    assert problem("create “A\u00a0B” outbuond 10").fix == 'create "A\u00a0B" outbound 10'


def test_a_fix_of_a_name_that_looks_like_an_entity_parses_to_that_name() -> None:
    fix = problem("create “A &amp;lt; B” outbuond 10").fix
    assert fix is not None
    assert parse(fix, MAX) == begun("A &lt; B", OUT, 10)


# --- one name, one limit (the form uses these too) --------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("Sales", "Sales", id="plain"),
        pytest.param("\u00a0\u200b Sales\ufeff\t", "Sales", id="trimmed"),
        pytest.param("Cafe\u0301", "Café", id="NFC"),
        pytest.param("e\u0301" * 255, "é" * 255, id="255 after NFC"),
        pytest.param("&amp;", "&amp;", id="entities are the command's business"),
        pytest.param("𝕏" * 255, "𝕏" * 255, id="4-byte characters"),
        pytest.param(FAMILY_EMOJI, FAMILY_EMOJI, id="joined emoji"),
        pytest.param("\U0001fae9", "\U0001fae9", id="an emoji newer than Python's tables"),
        pytest.param("", F.NAME_EMPTY, id="empty"),
        pytest.param(" \u200b\u2060", F.NAME_EMPTY, id="blank"),
        pytest.param("\u200d\ufe0f", F.NAME_EMPTY, id="unseen"),
        pytest.param("x" * 256, F.NAME_LONG, id="256"),
        pytest.param("x" * 10**6, F.NAME_LONG, id="a million"),
        *(
            pytest.param(f"a{chr(code)}b", F.NAME_CHARACTER, id=f"U+{code:04X}")
            for code in (
                0,
                9,
                10,
                0x1F,
                0x7F,
                0x85,
                0x9F,
                0x2028,
                0x2029,
                0x202A,
                0x202E,
                0x2066,
                0x2069,
                0xD800,
                0xDFFF,
            )
        ),
        *(
            pytest.param(f"a{chr(code)}b", f"a{chr(code)}b", id=f"U+{code:04X} is legal")
            for code in (
                0xA0,
                0x200B,
                0x200D,
                0x200E,
                0x2027,
                0x202F,
                0x2065,
                0x206A,
                0xE000,
                0xFFFD,
                0x1F600,
            )
        ),
    ],
)
def test_a_name_is_trimmed_and_composed_or_refused(typed: str, expected: str | Fault) -> None:
    assert check_name(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1", 1), ("10", 10), (" 10\u00a0", 10), ("0010", 10), ("1000", 1000),
        ("0", F.LIMIT_RANGE), ("-1", F.LIMIT_RANGE), ("1001", F.LIMIT_RANGE), ("9" * 5000, F.LIMIT_RANGE),
        *((text, F.LIMIT_NOT_WHOLE) for text in ("", "10.5", "1e9", "٣", "²", "+5", "ten", "1 0")),
        ("1_0", F.LIMIT_NOT_WHOLE), ("0x10", F.LIMIT_NOT_WHOLE),
        ("10,000", F.LIMIT_NOT_WHOLE), ("NaN", F.LIMIT_NOT_WHOLE),
    ],
    ids=lambda value: repr(value)[:12],
)  # fmt: skip
def test_a_limit_is_a_whole_number_up_to_the_cap_or_refused(typed: str, expected: int | Fault) -> None:
    assert check_calls(typed, MAX) == expected


# --- properties -----------------------------------------------------------------------------------

WORDS = [
    "outbound", "in", "10", "007", "create", "“", '"', "'", "’s", "`", "«x»", "&amp;", "&", "<@U1>",
    "\u00a0", " ", "a",
]  # fmt: skip
PIECES = st.lists(st.sampled_from(WORDS), max_size=9)
NAMES = (
    (st.text(max_size=60) | PIECES.map("".join) | PIECES.map(" ".join))
    .map(check_name)
    .filter(lambda name: not isinstance(name, Fault))
    .map(str)
)
LIMITS = st.integers(1, MAX)
TYPED = st.lists(
    st.sampled_from(
        [*WORDS, *FAMILY, "outbuond", "ten", "0", "1e9", "status", "help", "craete", "/trunk", "Sales", ","]
    )
    | st.text(st.characters(), max_size=6),
    max_size=12,
)  # fmt: skip
ANYTHING = (
    st.text(st.characters())
    | TYPED.map(" ".join)
    | TYPED.map("".join)
    | TYPED.map(lambda words: " ".join(["create", *words]))
    | TYPED.map(lambda words: " ".join(["histori", *words]))
)


def escaped(text: str) -> str:
    """Escape as Slack does before it sends."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@given(NAMES, st.sampled_from(Direction), LIMITS)
@example('A" outbound 10 "B', OUT, 3)
@example("\" ' ` « x “", IN, 1)
@example("x" * NAME_MAX, IN, MAX)
@example("&amp;" * 51, IN, MAX)
def test_the_canonical_line_round_trips_for_every_legal_name(
    name: str, direction: Direction, calls: int
) -> None:
    assert parse(create_line(name, direction, calls), MAX) == begun(name, direction, calls)


@given(st.none() | NAMES, st.none() | st.sampled_from(Direction), st.none() | LIMITS)
def test_the_canonical_line_round_trips_with_parts_missing(
    name: str | None, direction: Direction | None, calls: int | None
) -> None:
    assume(name is None or len({FAMILY[ch] for ch in name if ch in FAMILY}) < len(set(FAMILY.values())))
    assert parse(create_line(name, direction, calls), MAX) == begun(name, direction, calls)


@given(NAMES, st.sampled_from(QUOTES), st.sampled_from(Direction), LIMITS)
def test_no_character_of_a_name_changes_in_any_quotes(
    name: str, quotes: tuple[str, str], direction: Direction, calls: int
) -> None:
    assume(quotes[0] != "`" or "``" not in name)  # that is a block of code
    typed = f"create {quotes[0]}{name}{quotes[1]} {direction} {calls}"
    assert parse(escaped(typed), MAX) == begun(name, direction, calls)


@given(NAMES, st.sampled_from(["NFC", "NFD"]))
def test_a_name_is_composed_and_nothing_else(name: str, form: str) -> None:
    typed = unicodedata.normalize(form, name)  # type: ignore[arg-type] # a Literal, which hypothesis widens
    assert parse(escaped(f'create "{typed}" inbound 5'), MAX) == begun(name, IN, 5)


@given(NAMES, st.sampled_from(Direction), LIMITS)
def test_without_quotes_a_name_that_holds_none_is_the_words_before_direction_and_limit(
    name: str, direction: Direction, calls: int
) -> None:
    assume(not any(ch in FAMILY for ch in (name[0], name[-1])))
    assume(name.strip("\u200e\u200f\u061c") == name)
    assume(plain(escaped(name)) == name)  # outside of quotes formatting is no part of a name
    assert parse(escaped(f"create {name} {direction} {calls}"), MAX) == begun(name, direction, calls)


@given(ANYTHING, st.integers(1, 10_000))
@example("create \ud800", 1)
@example('"\'`" «» 0 “', 1)
@example("create " + "e\u0301\u0316" * 600, 1)
def test_no_text_raises_and_a_problem_points_into_its_text_with_a_fix_that_parses(
    text: str, max_calls: int
) -> None:
    result = parse(text, max_calls)
    if isinstance(result, Problem):
        assert 0 <= result.start <= result.end <= len(result.text)
        result.text.encode()
        if result.fix is not None:
            assert not isinstance(parse(result.fix, max_calls), Problem)
    if isinstance(result, Begin):
        name, calls = result.known.get("name"), result.known.get("calls")
        assert name is None or (isinstance(name, str) and check_name(name) == name)
        assert calls is None or (isinstance(calls, int) and 1 <= calls <= max_calls)


@given(st.binary(min_size=16, max_size=16))
def test_a_reference_is_read_back_as_it_is_shown(raw: bytes) -> None:
    ref = reference(raw.hex())
    assert parse(f"status {ref}", MAX) == Status(ref)
    assert parse(f"STATUS “{ref.lower().replace('-', ' ')}”", MAX) == Status(ref)
