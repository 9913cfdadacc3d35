"""How much of the labelled cases is understood; the rates are printed with every run."""

from bench.understanding import TODAY, load_cases, rates, states_wrong_regency
from bot.conversation.understanding.area import Places
from bot.conversation.understanding.reading import read

LEAST = {"kind": 0.95, "regency": 0.95, "district": 0.85, "ambiguous": 0.90, "day": 0.95, "category": 0.85}


def test_the_labelled_cases_are_understood(capsys):
    cases = load_cases()
    places = Places.load()
    readings = [read(case["text"], TODAY, places) for case in cases]
    measured = rates(cases, readings)
    with capsys.disabled():
        print(f"\nunderstood of {len(cases)} cases: " + ", ".join(f"{name} {right}/{of}" for name, (right, of) in measured.items()))  # noqa: T201  # the rates belong in the output of every run
    assert {} == {name: measured[name] for name, least in LEAST.items() if measured[name][0] < least * measured[name][1]}
    assert [] == [case["id"] for case, reading in zip(cases, readings, strict=True) if states_wrong_regency(case, reading)]


def test_the_cases_cover_the_country_and_all_categories():
    cases = load_cases()
    own = [case for case in cases if case["id"].startswith("o")]
    assert 150 <= len(own)
    assert len({case["id"] for case in cases}) == len(cases)
    provinces = {area[:2] for case in cases for area in (case["area"], *case["ambiguous"]) if area and area != "*"}
    assert 38 == len(provinces)
    assert 23 == len({case["category"] for case in cases} - {None})
