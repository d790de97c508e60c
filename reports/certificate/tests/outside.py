"""What programs nobody here wrote say of the certificate: pyHanko of its PAdES signature, qpdf of its
structure, poppler of its text, its fonts and its tags. Given the folder the example `office` wrote."""

import io
import logging
import subprocess
import sys
from pathlib import Path

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

NUMBER = "SHIKAKU-2026-000123"
SECTIONS = [
    "識別", "試験対象", "範囲、方法、環境", "適合性の表明", "結果", "例外", "逸脱", "ダイジェスト", "注記", "署名", "以上",
]
# Standing: title, verdict, whether the mark of a test must be on every page.
DOCUMENTS = {
    "conforming": ("適合証明書", "適合", False),
    "test-identity": ("適合証明書", "適合", True),
    "waived": ("試験結果報告書", "許容付き", False),
    "failing": ("試験結果報告書", "不適合", False),
    "incomplete": ("試験結果報告書", "未完了", False),
    "golden": ("試験結果報告書", None, True),
    "spoiled": ("試験結果報告書", "試験環境の誤り", True),
    "huge": ("試験結果報告書", "不適合", False),
}
NEVER_FIRST = "、。，．）」』】！？ー・ゃゅょっャュョッ"

troubles = []
# Spoiled files are refused on purpose; only our own findings are to be told.
logging.disable(logging.CRITICAL)


def check(good, what):
    if not good:
        troubles.append(what)


def run(*command):
    done = subprocess.run(command, capture_output=True)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def verdict(data, roots):
    """What pyHanko says of the one signature: intact, valid, trusted, over the whole file; None when unreadable."""
    try:
        signatures = PdfFileReader(io.BytesIO(data), strict=True).embedded_signatures
        if len(signatures) != 1:
            return None
        context = ValidationContext(trust_roots=roots, allow_fetching=False)
        status = validate_pdf_signature(signatures[0], context)
        kind = signatures[0].sig_object["/SubFilter"]
        return (status.intact, status.valid, status.trusted, status.coverage.name, str(kind), status.bottom_line)
    except Exception:  # any refusal to read a spoiled file is a refusal
        return None


def signature(path, root):
    data = path.read_bytes()
    due = (True, True, True, "ENTIRE_FILE", "/ETSI.CAdES.detached", True)
    got = verdict(data, [root])
    check(got == due, f"{path.name}: pyHanko says {got}, due is {due}")
    stranger = verdict(data, [])
    check(stranger is not None and not stranger[2], f"{path.name}: trusted without a root: {stranger}")


def tampering(path, root):
    """Every part of the file is covered: what was printed, the update, and the signature's own value."""
    data = path.read_bytes()
    contents = data.rindex(b"/Contents<") + len(b"/Contents<")
    length = 4 + int(data[contents + 4 : contents + 8], 16)
    value = contents + 2 * (length - 10)
    for place in (100, len(data) // 3, contents - 60, value, len(data) - 40):
        changed = bytearray(data)
        changed[place] ^= 1
        got = verdict(bytes(changed), [root])
        check(got is None or not (got[0] and got[1]), f"{path.name}: byte {place} changed and still {got}")
    got = verdict(data + b"\n% something behind it\n", [root])
    check(got is None or got[3] != "ENTIRE_FILE", f"{path.name}: more behind the end and still {got}")


def text(path, title, word, test):
    _, whole = run("pdftotext", "-enc", "UTF-8", str(path), "-")
    pages = whole.rstrip("\f").split("\f")
    check(2 <= len(pages) <= 6, f"{path.name}: {len(pages)} pages")
    for nth, page in enumerate(pages, 1):
        check(NUMBER in page, f"{path.name}: page {nth} lacks its number")
        check(f"{nth} / {len(pages)} ページ" in page, f"{path.name}: page {nth} is not counted")
        check(("試験用署名 TEST SIGNATURE" in page) == test, f"{path.name}: page {nth}: mark of a test")
        check(title in page, f"{path.name}: page {nth} does not say what it is")
    lines = [line.strip() for line in whole.splitlines() if line.strip()]
    check(title in lines, f"{path.name}: no title {title}")
    check(title == "適合証明書" or "適合証明書" not in lines, f"{path.name}: looks like a certificate")
    check(word is None or word in lines, f"{path.name}: no verdict {word}")
    for line in lines:
        check(line[0] not in NEVER_FIRST, f"{path.name}: a line begins with {line[0]}: {line}")


def order(path):
    """The order a screen reader follows, from the tags."""
    _, tags = run("pdfinfo", "-struct-text", str(path))
    at = 0
    for section in SECTIONS:
        found = tags.find(section, at)
        check(found >= 0, f"{path.name}: {section} is missing or out of order in the tags")
        at = max(at, found)
    for kind in ("H1", "H2", "Table", "THead", "TBody", "TH", "TD"):
        check(f"{kind}" in tags, f"{path.name}: no {kind} in the tags")
    sentence = "第2節に示すバージョンの試験対象だけに関わる。"
    check(sentence in tags, f"{path.name}: a sentence does not read back: {sentence}")


def file(path):
    code, said = run("qpdf", "--check", str(path))
    check(code == 0, f"{path.name}: qpdf: {said}")
    _, fonts = run("pdffonts", str(path))
    rows = [row.split() for row in fonts.splitlines()[2:]]
    check(len(rows) == 2, f"{path.name}: {len(rows)} fonts")
    for row in rows:
        check(row[-5:-2] == ["yes", "yes", "yes"], f"{path.name}: font not embedded, cut down or readable: {row}")
    _, meta = run("pdfinfo", "-meta", str(path))
    for claim in ("<pdfaid:part>2<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"):
        check(claim in meta, f"{path.name}: metadata lack {claim}")


def main(folder):
    root = x509.Certificate.load((folder / "root.der").read_bytes())
    for name, (title, word, test) in DOCUMENTS.items():
        for path in (folder / f"{name}.pdf", folder / f"{name}.signed.pdf"):
            file(path)
            text(path, title, word, test)
        signature(folder / f"{name}.signed.pdf", root)
    tampering(folder / "conforming.signed.pdf", root)
    # Poppler takes seconds to walk the tags of one document.
    order(folder / "conforming.signed.pdf")
    order(folder / "failing.pdf")
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    if troubles:
        sys.exit(1)
    print(f"{len(DOCUMENTS)} documents, each unsigned and signed: structure, text, tags, fonts and signatures hold")


main(Path(sys.argv[1]))
