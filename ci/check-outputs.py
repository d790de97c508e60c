"""Reads what was printed for machines with other people's programs, and says of each file whether it is what
its format says. Then it spoils each file and expects a refusal: a check that cannot fail shows nothing."""

import copy
import hashlib
import json
import sys
from pathlib import Path

import jsonschema
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
XS = "{http://www.w3.org/2001/XMLSchema}"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"


class Refused(Exception):
    """A foreign reader does not take a file."""


def once(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise Refused(f"a member stands twice among {names}")
    return dict(pairs)


def load(path):
    return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)


def by_json_schema(schema):
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)

    def check(value):
        for error in validator.iter_errors(value):
            raise Refused(f"{error.json_path}: {error.message}")

    return check


def junit_schema():
    """The published schema and the two liberties everybody takes with it: a test case may have properties,
    as pytest, googletest and others write them, and the root may count what was skipped."""
    tree = etree.parse(ROOT / "reports/page/tests/junit/junit-10.xsd")
    [case] = tree.findall(f".//{XS}element[@name='testcase']/{XS}complexType/{XS}sequence")
    case.insert(0, case.makeelement(f"{XS}element", ref="properties", minOccurs="0"))
    [suites] = tree.findall(f".//{XS}element[@name='testsuites']/{XS}complexType")
    suites.append(suites.makeelement(f"{XS}attribute", name="skipped", type="xs:string"))
    return etree.XMLSchema(tree)


def by_xml_schema(schema):
    def check(tree):
        if not schema.validate(tree):
            raise Refused(str(schema.error_log.last_error))

    return check


def by_in_toto(value):
    try:
        Statement.copy_from_pb(json_format.ParseDict(value, statement_pb2.Statement())).validate()
        if value["predicateType"] != TEST_RESULT:
            raise Refused("another predicate")
        result = json_format.ParseDict(value["predicate"], test_result_pb2.TestResult())
    except (json_format.ParseError, ValueError) as error:
        raise Refused(error) from error
    if result.result not in ("PASSED", "WARNED", "FAILED") or not result.configuration:
        raise Refused(f"result {result.result}, {len(result.configuration)} configurations")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def agree(what, *values):
    if any(value != values[0] for value in values):
        raise Refused(f"{what}: {values}")


def same_verdicts(report, ctrf, junit, statement):
    """All four formats tell the same of every scenario."""
    verdicts = {s["id"]: s["verdict"] for s in report["scenarios"]}
    tests = {t["testId"]: t for t in ctrf["results"]["tests"]}
    agree("CTRF", verdicts, {id: test["rawStatus"] for id, test in tests.items()})
    cases = {}
    for case in junit.iter("testcase"):
        told = {}
        for one in case.iter("property"):
            told.setdefault(one.get("name"), []).append(one.get("value"))
        if "replay" in told:
            cases[case.get("name").split(" ")[0]] = (case, told)
    agree("JUnit", verdicts, {id: told["verdict"][0] for id, (_, told) in cases.items()})
    marks = {"fail": {"failure"}, "bed-error": {"error"}, "pass": set()}
    for scenario in report["scenarios"]:
        case, told = cases[scenario["id"]]
        agree(scenario["id"], scenario["requirements"], told["requirement"], tests[scenario["id"]]["tags"])
        found = {child.tag for child in case} - {"properties"}
        agree(scenario["id"], marks.get(scenario["verdict"], {"skipped"}), found)
    predicate = statement["predicate"]
    lists = [predicate[name] for name in ("passedTests", "warnedTests", "failedTests")]
    agree("statement", sorted(verdicts), sorted(sum(lists, [])))
    agree("statement", lists[0], [id for id, verdict in verdicts.items() if verdict == "pass"])


def look_at(folder, program, readers):
    report, ctrf = load(folder / "report.json"), load(folder / "ctrf.json")
    statement = load(folder / "statement.intoto.json")
    junit = etree.parse(folder / "junit.xml")
    files = {"report.json": report, "ctrf.json": ctrf, "statement.intoto.json": statement, "junit.xml": junit}
    for name, value in files.items():
        try:
            readers[name](value)
        except Refused as why:
            raise Refused(f"{folder.name}/{name}: {why}") from why
    same_verdicts(report, ctrf, junit, statement)
    digests = {one["name"]: one["digest"]["sha256"] for one in statement["predicate"]["configuration"]}
    agree("digest of the report", digests["report.json"], sha256(folder / "report.json"))
    agree("digest of the build", {sha256(program)}, {s["digest"]["sha256"] for s in statement["subject"]})
    return files


def spoiled(files, difference):
    """Every file with one thing wrong, which its reader must refuse."""
    def bent(value, place, new):
        value = copy.deepcopy(value)
        *way, last = place
        inner = value
        for step in way:
            inner = inner[step]
        inner[last] = new
        return value

    yield "report.json", bent(files["report.json"], ["verdict"], "green")
    yield "report.json", bent(files["report.json"], ["products", 0, "digest"], "sha256:short")
    yield "ctrf.json", bent(files["ctrf.json"], ["results", "tests", 0, "status"], "error")
    yield "ctrf.json", bent(files["ctrf.json"], ["results", "summary", "start"], "yesterday")
    yield "statement.intoto.json", bent(files["statement.intoto.json"], ["subject"], [])
    yield "statement.intoto.json", bent(files["statement.intoto.json"], ["predicate", "result"], "GREEN")
    yield "statement.intoto.json", bent(files["statement.intoto.json"], ["predicate", "failed"], [])
    yield "difference.json", bent(difference, ["changes", 0, "before"], "green")
    for spoil in (lambda root: root.set("colour", "green"), lambda root: root[0].attrib.pop("tests")):
        tree = copy.deepcopy(files["junit.xml"])
        spoil(tree.getroot())
        yield "junit.xml", tree


def main(printed, program):
    readers = {
        "report.json": by_json_schema(load(printed / "good/report.schema.json")),
        "ctrf.json": by_json_schema(load(ROOT / "reports/page/tests/ctrf/ctrf-schema-0.0.json")),
        "difference.json": by_json_schema(load(ROOT / "reports/difference/schema/difference.schema.json")),
        "statement.intoto.json": by_in_toto,
        "junit.xml": by_xml_schema(junit_schema()),
    }
    good = look_at(printed / "good", program, readers)
    bad = look_at(printed / "bad", program, readers)
    # A part of the suite is no plain pass.
    agree("result", "WARNED", good["statement.intoto.json"]["predicate"]["result"])
    agree("result", "FAILED", bad["statement.intoto.json"]["predicate"]["result"])
    difference = load(printed / "difference.json")
    readers["difference.json"](difference)
    agree("difference", difference["worse"], True)
    refused = 0
    for name, value in spoiled(bad, difference):
        try:
            readers[name](value)
        except Refused:
            refused += 1
        else:
            raise Refused(f"a spoiled {name} was taken: this check would show nothing")
    scenarios = len(good["report.json"]["scenarios"])
    print(f"jsonschema, lxml and in-toto's bindings read 9 files of {scenarios} scenarios and refused {refused} spoiled ones")


try:
    main(Path(sys.argv[1]), Path(sys.argv[2]))
except Refused as why:
    print(f"{why}\n  whose  the printer of that file (reports/page, reports/difference)\n  next   mend what it names", file=sys.stderr)
    sys.exit(1)
