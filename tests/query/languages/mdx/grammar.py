"""Random MDX statements from the grammar, as text: what the parser must read, whatever the names mean."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["expressions", "statements"]

WORDS = ["Store", "Children", "member", "set", "Level", "x_1", "Køn", "Order", "existing", "axis", "value"]


def brackets(name: str) -> str:
    return f"[{name.replace(']', ']]')}]"


def joined(parts: list[str]) -> str:
    return ", ".join(parts)


quoted = st.text(alphabet="abÆ ]['\"&.-1", min_size=1, max_size=6).map(brackets)
words = st.sampled_from(WORDS)
names = st.one_of(quoted, words)
keys = st.lists(quoted, min_size=1, max_size=2).map(lambda found: "".join(f"&{key}" for key in found))
firsts = st.one_of(quoted, words.filter(lambda word: word != "existing"))  # it may be the prefix of the next word
paths = st.tuples(firsts, st.lists(st.one_of(names, keys), max_size=3)).map(lambda p: ".".join([p[0], *p[1]]))
texts = st.text(alphabet="ab'\" {}", max_size=5).map(lambda text: '"' + text.replace('"', '""') + '"')
single = st.text(alphabet="ab'\" ", max_size=5).map(lambda text: "'" + text.replace("'", "''") + "'")
numbers = st.one_of(st.integers(0, 10**6).map(str), st.sampled_from(["1.5", ".25", "2e3", "1E-2", "0.0"]))
leaves = st.one_of(paths, paths, texts, single, numbers, st.sampled_from(["NULL", "@p", "null", "@Køn"]))
operators = st.sampled_from(
    ["+", "-", "*", "/", "^", ":", "=", "<>", "<", "<=", ">", ">=", "AND", "or", "XOR", "IS", " is "]
)


def calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(st.one_of(inner, st.just("")), max_size=3).map(",".join)
    function = st.tuples(words.filter(lambda word: word != "existing"), arguments).map(lambda p: f"{p[0]}({p[1]})")
    target = st.one_of(paths, function, st.lists(inner, max_size=2).map(lambda found: "{" + joined(found) + "}"))
    method = st.tuples(target, words, arguments).map(lambda p: f"{p[0]}.{p[1]}({p[2]})")
    prop = st.tuples(function, words).map(lambda p: f"{p[0]}.{p[1]}")
    item = st.tuples(st.one_of(target, method, prop), arguments, words).map(lambda p: f"{p[0]}({p[1]})(0).{p[2]}")
    hinted = inner.map(lambda text: f"IIf(a, {text} HINT STRICT LAZY, b)")
    return st.one_of(function, method, prop, item, hinted)


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(inner, min_size=1, max_size=3).map(joined)
    whens = st.lists(st.tuples(inner, inner).map(lambda p: f"WHEN {p[0]} THEN {p[1]}"), min_size=1, max_size=2)
    return st.one_of(
        calls(inner),
        lists.map(lambda text: "{" + text + "}"),
        lists.map(lambda text: f"({text})"),
        st.tuples(inner, operators, inner).map(lambda p: f"{p[0]} {p[1]} {p[2]}"),
        st.tuples(st.sampled_from(["- ", "+ ", "NOT ", "-"]), leaves).map("".join),
        st.tuples(st.one_of(st.just(""), inner), whens, st.one_of(st.just(""), inner)).map(
            lambda p: f"CASE {p[0]} {' '.join(p[1])}{f' ELSE {p[2]}' if p[2] else ''} END"
        ),
        st.tuples(lists, names).map(lambda p: f"{{{p[0]}}} AS {p[1]}").map(lambda text: f"({text})"),
    )


expressions = st.recursive(leaves, compound, max_leaves=8)
properties = st.lists(paths, min_size=1, max_size=2).map(lambda found: f" DIMENSION PROPERTIES {joined(found)}")
optional_properties = st.one_of(st.just(""), properties)


@st.composite
def axes(draw: st.DrawFn) -> str:
    count = draw(st.integers(0, 3))
    out = []
    for number in range(count):
        empty = draw(st.sampled_from(["", "NON EMPTY ", "non empty "]))
        having = f" HAVING {draw(expressions)}" if draw(st.booleans()) else ""
        names_of = [str(number), f"AXIS({number})", ["COLUMNS", "rows", "Pages"][number]]
        rest = draw(optional_properties)
        out.append(f"{empty}{draw(expressions)}{having}{rest} ON {draw(st.sampled_from(names_of))}")
    return joined(out)


@st.composite
def bodies(draw: st.DrawFn, depth: int = 2) -> str:
    if depth and draw(st.booleans()):
        visual = draw(st.sampled_from(["", "NON VISUAL "]))
        source = f"{visual}({draw(bodies(depth - 1))})"
    else:
        source = draw(names)
    slicer = f" WHERE {draw(expressions)}" if draw(st.booleans()) else ""
    return f"SELECT {draw(axes())} FROM {source}{slicer}"


def formula(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def unquoted(text: str) -> str:
    """What begins with a text in single quotes would be read as a formula in quotes."""
    return formula(text) if text.startswith("'") else text


formulas = st.one_of(expressions.map(unquoted), expressions.map(formula))


@st.composite
def definitions(draw: st.DrawFn) -> str:
    written = draw(formulas)
    kind = draw(st.sampled_from(["MEMBER", "CALCULATED MEMBER", "SET", "DYNAMIC SET", "CELL CALCULATION"]))
    region = f" FOR ({draw(expressions)})" if kind.startswith("CELL") else ""
    given = f", FORMAT_STRING = {draw(single)}" if draw(st.booleans()) else ""
    return f"{kind} {draw(paths)}{region} AS {written}{given}"


@st.composite
def selects(draw: st.DrawFn) -> str:
    with_ = draw(st.lists(definitions(), max_size=2))
    head = f"WITH {' '.join(with_)} " if with_ else ""
    cells = draw(st.sampled_from(["", " CELL PROPERTIES VALUE, FORMATTED_VALUE"]))
    return f"{head}{draw(bodies())}{cells}"


conditions = st.lists(
    st.tuples(
        words.filter(lambda word: word != "existing"), st.sampled_from(["=", "<>", ">"]), st.one_of(texts, numbers)
    ),
    min_size=1,
    max_size=3,
).map(lambda found: " AND ".join(f"[{a}] {b} {c}" for a, b, c in found))
statements = st.one_of(
    selects(),
    selects().map(lambda text: f"DRILLTHROUGH MAXROWS 5 {text} RETURN Key([$A].[B]) AS x"),
    st.tuples(st.sampled_from(["", "SESSION "]), paths, formulas).map(
        lambda p: f"CREATE {p[0]}MEMBER {p[1]} AS {p[2]}"
    ),
    paths.map(lambda path: f"DROP SET {path}, x"),
    conditions.map(lambda text: f"SELECT * FROM $SYSTEM.X WHERE {text} ORDER BY [a] DESC"),
)
