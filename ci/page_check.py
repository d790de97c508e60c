"""Drives headless Chromium over the DevTools pipe through report.html; ci/check-page calls it.

Every check that fails is told at the end in three parts: what, who is at fault, what to do next.
"""

import argparse
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MOST_BYTES = 10_000_000
MOST_SCENARIOS = 500
DEADLINE = 20.0
PHONE = (360, 740)
DESK = (1280, 900)


class Broken(Exception):
    """A check that failed."""


class Browser:
    """One page in one headless Chromium."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="page-check-")
        theirs_in, self.out = os.pipe()
        self.into, theirs_out = os.pipe()
        # The browser reads descriptor 3 and writes 4; high numbers first, so that no dup2 overwrites a pipe.
        ends = [os.dup(end) for end in (theirs_in, theirs_out)]

        def place():
            high = [os.dup2(end, 60 + at) for at, end in enumerate(ends)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        command = ["chromium", "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--no-first-run",
                   "--disable-gpu", "--disable-extensions", "--disable-background-networking", "--disable-sync",
                   "--disable-component-update", "--no-default-browser-check", f"--user-data-dir={self.profile}",
                   "about:blank"]
        self.process = subprocess.Popen(command, preexec_fn=place, close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (theirs_in, theirs_out, *ends):
            os.close(end)
        self.rest, self.number, self.session, self.events = b"", 0, None, []
        pages = [t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page"]
        self.session = self.call("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        """One command and its answer; events met on the way are kept."""
        self.number += 1
        asked = {"id": self.number, "method": method, "params": params}
        if self.session:
            asked["sessionId"] = self.session
        data = json.dumps(asked).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        while True:
            said = self.read()
            if said.get("id") == self.number:
                if "error" in said:
                    raise Broken(f"{method}: {said['error'].get('message')}")
                return said["result"]
            self.events.append(said)

    def read(self):
        while b"\0" not in self.rest:
            part = os.read(self.into, 1 << 20)
            if not part:
                raise Broken("Chromium ended before it answered")
            self.rest += part
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def js(self, expression):
        """The value of an expression in the page; promises are waited for."""
        said = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in said:
            raise Broken(f"script {expression[:80]!r}: {said['exceptionDetails'].get('exception', {}).get('description')}")
        return said["result"].get("value")

    def until(self, expression, what):
        """Waits until an expression is true, and says what was waited for when it never is."""
        end = time.monotonic() + DEADLINE
        while not self.js(expression):
            if time.monotonic() > end:
                raise Broken(f"{what}: not within {DEADLINE:.0f} s")
            time.sleep(0.03)

    def open(self, page, anchor=""):
        """Opens a page anew and returns the milliseconds its loading took."""
        self.call("Page.navigate", url="about:blank")
        self.until("location.href === 'about:blank'", "an empty page")
        self.call("Page.navigate", url=page.resolve().as_uri() + anchor)
        self.until("location.href !== 'about:blank' && document.readyState === 'complete' "
                   "&& performance.timing.loadEventEnd > 0", f"{page} opens")
        return self.js("performance.timing.loadEventEnd - performance.timing.navigationStart")

    def size(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                  mobile=width < 500)

    def press(self, key):
        code = {"Enter": 13, "Tab": 9}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                      **(text if kind == "keyDown" else {}))

    def shot(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def want(truth, what):
    if not truth:
        raise Broken(what)


def shown(selector):
    """Whether the first match takes room on the page."""
    return f"document.querySelector({json.dumps(selector)})?.getBoundingClientRect().height > 0"


def languages(browser, files):
    browser.open(files.failing)
    want(browser.js("document.documentElement.lang") == "ja", "the page does not begin in Japanese")
    want(browser.js("getComputedStyle(document.querySelector('h1 span[lang=en]')).display") == "none",
         "English shows beside Japanese")
    browser.js("document.getElementById('tongue').focus()")
    browser.press("Enter")
    browser.until("document.documentElement.lang === 'en'", "English by the keyboard")
    want(browser.js("getComputedStyle(document.querySelector('h1 span[lang=ja]')).display") == "none",
         "Japanese shows beside English")
    want("lang=en" in browser.js("location.hash"), "the address does not remember the language")
    browser.open(files.failing, "#requirements?lang=en")
    want(browser.js("document.documentElement.lang") == "en", "a link with lang=en does not open in English")


def failure(browser, files):
    browser.open(files.failing)
    anchor = browser.js("document.querySelector('.failures .look').getAttribute('href')")
    want(re.fullmatch(r"#scenario-[^/]+/record-\d+", anchor), f"the first failure leads to {anchor}")
    browser.js("document.querySelector('.failures .look').click()")
    followed(browser, anchor, "a click on a failure")
    browser.js("history.back()")
    browser.until("location.hash === ''", "the back button")
    browser.open(files.failing, anchor)
    followed(browser, anchor, "a deep link")
    card = f"document.getElementById({json.dumps(anchor[1:].split('/')[0])})"
    want(browser.js(card + ".querySelectorAll('.row').length") > 3, "the picture has no rows")
    want(browser.js(card + ".querySelector('.divergence .expected, .divergence dd').textContent.length") > 3,
         "the first divergence does not say what was expected")
    want(browser.js(card + ".querySelector('.divergence a').getAttribute('href').startsWith('#requirement-')"),
         "the first divergence does not name its requirement")
    want(browser.js(card + ".querySelector('.replay button') !== null"), "no button copies the replay line")
    browser.js(card + ".querySelectorAll('.row > details').forEach((row) => { row.open = true; })")
    browser.until(card + ".querySelector('.raw') !== null", "raw bytes behind a record")
    browser.js(card + ".querySelector('.raw summary').click()")
    browser.until(card + ".querySelector('.raw pre') !== null", "the hex dump")
    dump = browser.js(card + ".querySelector('.raw pre').textContent")
    want(re.match(r"0000  ([0-9a-f]{2} ?)+ +\S", dump), f"no hex dump: {dump[:60]!r}")
    want(browser.js(card + ".querySelectorAll('dl.fields dt').length") > 5, "no decoded fields")


def followed(browser, anchor, how):
    target = f"document.getElementById({json.dumps(anchor[1:])})"
    browser.until(target + "?.querySelector('.inside') !== null && " + target + " !== null", f"{how} opens the record")
    browser.until(f"(() => {{ const at = {target}.getBoundingClientRect(); return at.bottom > 0 && at.top < innerHeight; }})()",
                  f"{how} brings the record into sight")
    want(browser.js(target + ".contains(document.activeElement)"), f"{how} does not move the focus to the record")


def filters(browser, files):
    browser.open(files.failing)
    visible = "Array.from(document.querySelectorAll('.card.scenario')).filter((card) => !card.hidden)"
    every = browser.js(visible + ".length")
    browser.open(files.failing, "#scenarios?verdict=fail")
    failed = browser.js(visible + ".length")
    want(0 < failed < every, f"the verdict's filter shows {failed} of {every}")
    want(browser.js(visible + ".every((card) => card.dataset.verdict === 'fail')"), "others than failures are shown")
    wanted = browser.js("document.querySelector('.failures a').textContent")
    browser.js(f"(() => {{ const f = document.getElementById('filter'); f.elements.requirement.value = {json.dumps(wanted)};"
               "f.dispatchEvent(new Event('input')); })()")
    want(f"requirement={wanted}" in browser.js("location.hash"), "the address does not remember the filter")
    want(0 < browser.js(visible + ".length") <= failed, "the requirement's filter shows nothing")
    browser.open(files.failing, "#scenarios?text=no-such-word-anywhere")
    want(browser.js(visible + ".length") == 0, "words nobody wrote are found")
    browser.open(files.passing, "#scenarios?verdict=fail")
    want(browser.js(visible + ".length") == 0, "a passing report shows failures")


def printing(browser, files):
    browser.size(*DESK)
    browser.open(files.failing)
    pdf = base64.b64decode(browser.call("Page.printToPDF", preferCSSPageSize=True)["data"])
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    want(pages >= 3 and len(pdf) > 50_000, f"printing gave {pages} pages, {len(pdf)} bytes")
    browser.call("Emulation.setEmulatedMedia", media="print")
    browser.size(700, 1000)
    wide = browser.js("document.documentElement.scrollWidth")
    browser.call("Emulation.setEmulatedMedia", media="")
    want(wide <= 700, f"in print something is cut off: {wide} of 700 pixels")


def accessibility(browser, files):
    axe = files.axe.read_text(encoding="utf-8")
    for page, lang, size, scheme in ((files.failing, "ja", DESK, "light"), (files.failing, "en", PHONE, "light"),
                                     (files.passing, "en", DESK, "dark")):
        browser.size(*size)
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        browser.open(page, f"#?lang={lang}")
        browser.js("(document.querySelector('.card.scenario[data-verdict=fail]') || document.querySelector('.card.scenario')).open = true")
        browser.until("document.querySelector('.picture') !== null", "a picture")
        browser.js("document.querySelectorAll('.picture .row > details').forEach((row, at) => { row.open = at < 12; })")
        want(browser.js("document.documentElement.scrollWidth") <= size[0], f"{lang}, {size[0]} px: the page is wider than the screen")
        browser.js(axe + "; 0")
        # Cards that are closed are all alike: four of each kind stand for them, which keeps this quick.
        said = browser.js("""(() => {
          document.querySelectorAll('#scenarios, #requirements').forEach((part) =>
            part.querySelectorAll('.card:not([open])').forEach((card, at) => { if (at > 3) { card.remove(); } }));
          return axe.run(document, {resultTypes: ['violations'], reporter: 'v2'}).then((found) =>
            found.violations.map((v) => v.id + ': ' + v.help + ' at ' + v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join('; ')));
        })()""")
        want(not said, f"axe, {page.parent.name}, {lang}, {size[0]} px: " + " | ".join(said or []))


def hostile(browser, files):
    browser.call("Emulation.setEmulatedMedia", features=[])
    browser.open(files.hostile)
    browser.js("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    browser.until("document.querySelectorAll('.picture').length === 3", "the pictures of hostile scenarios")
    browser.js("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    browser.until("document.querySelectorAll('.inside').length > 10", "hostile records opened")
    want(browser.js("typeof window.broken") == "undefined", "a name became script")
    want(browser.js("document.images.length") == 0, "a name became an image")
    want(browser.js("document.body.textContent.includes('window.broken=1')"), "a hostile name is not shown")
    want(not browser.js(r"/[\u202a-\u202e\u2066-\u2069]/.test(document.documentElement.outerHTML)"), "a name may turn the line round")


def small(browser, files):
    size = files.many.stat().st_size
    want(size < MOST_BYTES, f"a page of {MOST_SCENARIOS} scenarios takes {size} bytes, more than {MOST_BYTES}")
    took = browser.open(files.many)
    count = browser.js("document.querySelectorAll('.card.scenario').length")
    want(count == MOST_SCENARIOS, f"{count} scenarios on the page of {MOST_SCENARIOS}")
    real = files.failing.stat().st_size
    browser.open(files.failing)
    each = real / browser.js("document.querySelectorAll('.card.scenario').length")
    want(each * MOST_SCENARIOS < MOST_BYTES, f"a scenario takes {each:.0f} bytes: {MOST_SCENARIOS} different ones would take "
         f"{each * MOST_SCENARIOS:.0f}, more than {MOST_BYTES}")
    print(f"{MOST_SCENARIOS} scenarios: {size} bytes, opened in {took} ms; of as many different ones {each * MOST_SCENARIOS:.0f} bytes")


def silent(browser, files):
    """After all others: no request but for the pages themselves, no refusal, no error in any script."""
    asked = [e["params"]["request"]["url"] for e in browser.events if e.get("method") == "Network.requestWillBeSent"]
    own = {page.resolve().as_uri() for page in (files.passing, files.failing, files.many, files.hostile)}
    foreign = {url[:120] for url in asked if url.split("#")[0] not in own and url != "about:blank"}
    want(asked and not foreign, f"something was fetched: {sorted(foreign)}")
    told = [e["params"] for e in browser.events if e.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded")]
    want(not told, f"the page's script or policy complains: {json.dumps(told[:2], ensure_ascii=False)[:400]}")


def shots(browser, folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    browser.size(*DESK)
    browser.open(files.failing)
    anchor = browser.js("document.querySelector('.failures .look').getAttribute('href')")
    time.sleep(0.3)
    browser.shot(folder / "report.png")
    browser.open(files.failing, anchor)
    followed(browser, anchor, "a deep link")
    browser.shot(folder / "report-scenario.png")
    browser.size(*PHONE, scale=1.5)
    browser.open(files.failing)
    browser.shot(folder / "report-phone.png")


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    for name in ("axe", "passing", "failing", "many", "hostile"):
        asked.add_argument(f"--{name}", type=Path, required=True)
    asked.add_argument("--shots", type=Path)
    files = asked.parse_args()
    browser, broken = Browser(), []
    try:
        for check in (languages, failure, filters, printing, accessibility, hostile, small, silent):
            browser.size(*DESK)
            began = time.monotonic()
            try:
                check(browser, files)
                print(f"ok    {check.__name__} ({time.monotonic() - began:.1f} s)")
            except Broken as error:
                broken.append(f"{check.__name__}: {error}")
                print(f"BAD   {broken[-1]}")
        if files.shots:
            shots(browser, files.shots, files)
    finally:
        browser.close()
    if broken:
        sys.exit(f"\nstopped: {len(broken)} of the page's checks failed\n  who   whoever changed reports/page (templates, html.rs, embed.rs)\n"
                 f"  next  open {files.failing} and do by hand what the first line above names")


if __name__ == "__main__":
    main()
