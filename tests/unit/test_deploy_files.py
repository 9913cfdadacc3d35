"""The alert rules and the dashboard ask for metrics that there are, by labels that they have, in forms that Prometheus and Grafana take."""

import json
import re
from functools import cache

import pytest
import yaml
from jsonschema import Draft202012Validator

from bot import metrics
from tests.acceptance.processes import ROOT
from tests.fakes.promql import Unreadable, read

DEPLOY = ROOT / "deploy"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
RULES = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
ALERTS = RULES["groups"][0]["rules"]
DASHBOARD = json.loads((DEPLOY / "grafana" / "lapor.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [(alert["alert"], alert["expr"]) for alert in ALERTS] + [
    (panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]
]
PROMETHEUS_OWN = {"up": set()}
"""Series that Prometheus makes itself."""
TARGET_LABELS = {"job", "instance"}


@cache
def series():
    """Every series a scrape may show: its name and labels."""
    known = dict(PROMETHEUS_OWN)
    for family in metrics.REGISTRY.collect():
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        for suffix in suffixes:
            known[family.name + suffix] = {"le"} if suffix == "_bucket" else set()
    for collector in (each for each in vars(metrics).values() if hasattr(each, "_labelnames")):
        for suffix in ("", "_total", "_bucket", "_sum", "_count"):
            known.get(collector._name + suffix, set()).update(collector._labelnames)
    return known


def plain(expression):
    """With Grafana's variables filled in."""
    return expression.replace("$channel", ".*")


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[f"{index} {where}" for index, (where, _) in enumerate(EXPRESSIONS)])
def test_every_expression_asks_for_what_there_is(where, expression):
    query = read(plain(expression))
    asked = {selector.metric: set(selector.matchers) for selector in query.selectors}
    assert set() == set(asked) - set(series()), where
    for metric, labels in asked.items():
        assert labels <= series()[metric] | TARGET_LABELS, f"{where}: {metric} has no such label"
    there = set().union(*(series()[metric] for metric in asked)) | TARGET_LABELS
    assert query.grouped <= there, f"{where}: grouped by what is not there"


def test_gauges_that_every_worker_reads_are_never_summed():
    shared = r"(pending_effects|due_lag_seconds|waiting_\w+|parked_items|parked_oldest_seconds|held_senders|held_oldest_seconds)"
    wrong = [where for where, expression in EXPRESSIONS if re.search(rf"(sum|count)( by \([^)]*\))? ?\(lapor_{shared}", expression)]
    assert [] == wrong


STAGES = ("webhook", "parse", "turn", "commit", "send", "settle", "forward", "event", "due_lag", "waiting_oldest", "parked_oldest")


def test_every_stage_is_on_the_dashboard():
    shown = " ".join(target["expr"] for panel in PANELS for target in panel["targets"])
    assert [] == [stage for stage in STAGES if f"lapor_{stage}_seconds" not in shown]


@pytest.mark.parametrize(
    "text",
    [
        "sum(",
        "lapor_x{",
        'lapor_x{a="b"',
        "rate(lapor_x)",
        "lapor_x[5m",
        "sum by lapor_x",
        "a b",
        "lapor_x == ",
        "histogram_quantile(0.9)",
        "a{b}",
    ],
)
def test_what_is_no_promql_is_not_read(text):
    with pytest.raises(Unreadable):
        read(text)


# ---- alerts

RULE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["alert", "expr", "labels", "annotations"],
    "properties": {
        "alert": {"type": "string", "pattern": "^Lapor[A-Za-z]+$"},
        "expr": {"type": "string"},
        "for": {"type": "string", "pattern": "^[0-9]+[smh]$"},
        "labels": {"type": "object", "additionalProperties": False, "properties": {"severity": {"enum": ["page", "ticket", "info"]}}},
        "annotations": {
            "type": "object",
            "additionalProperties": False,
            "required": ["summary", "runbook"],
            "properties": {"summary": {"type": "string", "pattern": r"\.$"}, "runbook": {"type": "string"}},
        },
    },
}
GROUPS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["groups"],
    "properties": {
        "groups": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "rules"],
                "properties": {"name": {"type": "string"}, "rules": {"type": "array", "items": RULE}},
            },
        }
    },
}


def test_the_rules_have_prometheus_shape():
    assert [] == [error.message for error in Draft202012Validator(GROUPS).iter_errors(RULES)]
    names = [alert["alert"] for alert in ALERTS]
    assert sorted(set(names)) == sorted(names)


def test_every_alert_has_its_runbook_and_every_runbook_its_alert():
    section = OPERATIONS.partition("## Alerts\n")[2].partition("\n## ")[0]
    parts = re.split(r"^### (\w+)$", section, flags=re.MULTILINE)
    runbooks = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert sorted(alert["alert"] for alert in ALERTS) == sorted(runbooks)
    assert [] == [name for name, text in runbooks.items() if "**Means:**" not in text or "**Do:**" not in text]
    assert [] == [alert["alert"] for alert in ALERTS if alert["annotations"]["runbook"] != f"docs/operations.md#{alert['alert'].lower()}"]


def test_summaries_name_labels_that_the_expression_leaves():
    for alert in ALERTS:
        used = set(re.findall(r"\$labels\.(\w+)", alert["annotations"]["summary"]))
        query = read(alert["expr"])
        assert used <= (query.grouped or TARGET_LABELS), alert["alert"]


# ---- the dashboard

PANEL = {
    "type": "object",
    "required": ["id", "type", "title", "gridPos"],
    "properties": {
        "id": {"type": "integer"},
        "type": {"enum": ["row", "timeseries", "stat"]},
        "title": {"type": "string", "minLength": 1},
        "gridPos": {
            "type": "object",
            "required": ["h", "w", "x", "y"],
            "additionalProperties": False,
            "properties": {name: {"type": "integer", "minimum": 0, "maximum": 200} for name in "hwxy"},
        },
        "fieldConfig": {
            "type": "object",
            "required": ["defaults", "overrides"],
            "properties": {
                "defaults": {"properties": {"unit": {"enum": ["s", "reqps", "short", "bytes", "percentunit"]}}, "required": ["unit"]}
            },
        },
        "targets": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["refId", "expr", "legendFormat", "datasource"],
                "properties": {
                    "refId": {"pattern": "^[A-Z]$"},
                    "expr": {"type": "string"},
                    "legendFormat": {"type": "string"},
                    "datasource": {"const": {"type": "prometheus", "uid": "${datasource}"}},
                },
            },
        },
    },
    "if": {"properties": {"type": {"const": "row"}}},
    "else": {"required": ["targets", "fieldConfig", "options", "datasource"]},
}
BOARD = {
    "type": "object",
    "required": ["title", "uid", "schemaVersion", "panels", "templating", "time", "timezone"],
    "properties": {"schemaVersion": {"const": 38}, "panels": {"type": "array", "items": PANEL}, "id": False},
}


def test_the_dashboard_has_grafanas_shape():
    assert [] == [f"{list(error.path)}: {error.message}" for error in Draft202012Validator(BOARD).iter_errors(DASHBOARD)]
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert sorted(set(ids)) == sorted(ids)


def test_panels_lie_side_by_side_and_not_on_each_other():
    taken = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert set() == taken & cells, panel["title"]
        taken |= cells


def test_legends_name_labels_that_the_expression_leaves():
    for panel in PANELS:
        for target in panel["targets"]:
            used = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert used <= (read(plain(target["expr"])).grouped or TARGET_LABELS), panel["title"]
