// Language, filters and place, all kept in the address after the # so that links and the back button work offline.
const root = document.documentElement;
const button = document.getElementById("tongue");
const filter = document.getElementById("filter");
const scenarios = Array.from(document.querySelectorAll(".card.scenario"));
const requirements = Array.from(document.querySelectorAll(".card.requirement"));
const CHOICES = ["verdict", "role", "requirement", "text"];
const searched = new Map();
let state = read();

function read() {
  const hash = location.hash.slice(1);
  const cut = hash.indexOf("?");
  const chosen = new URLSearchParams(cut < 0 ? "" : hash.slice(cut + 1));
  const anchor = cut < 0 ? hash : hash.slice(0, cut);
  let at = anchor;
  try { at = decodeURIComponent(anchor); } catch (_) { /* not encoded: as it stands */ }
  const found = { at, lang: chosen.get("lang") === "en" ? "en" : "ja" };
  CHOICES.forEach((name) => { found[name] = chosen.get(name) || ""; });
  return found;
}

function write(push) {
  const chosen = new URLSearchParams();
  if (state.lang === "en") { chosen.set("lang", "en"); }
  CHOICES.filter((name) => state[name]).forEach((name) => chosen.set(name, state[name]));
  const query = chosen.toString();
  const hash = "#" + encodeURI(state.at).replaceAll("?", "%3F") + (query ? "?" + query : "");
  history[push ? "pushState" : "replaceState"](null, "", hash);
}

function speak() {
  const at = state.lang;
  root.setAttribute("data-tongue", at);
  root.lang = at;
  button.textContent = at === "ja" ? "English" : "日本語";
  button.lang = at === "ja" ? "en" : "ja";
  document.querySelectorAll("option").forEach((option) => { option.textContent = option.dataset[at]; });
  const parts = document.title.split(/ \/ | \(/);
  if (!root.dataset.title) { root.dataset.title = parts.join("|"); }
  const [ja, en, edition] = root.dataset.title.split("|");
  document.title = (at === "ja" ? ja : en) + " (" + edition;
}

function words(card) {
  if (!searched.has(card)) { searched.set(card, (card.id + " " + card.textContent).toLowerCase()); }
  return searched.get(card);
}

function fits(card) {
  const own = card.classList.contains("requirement");
  const names = (name) => (card.id === "requirement-" + name
    || !own && Array.from(card.querySelectorAll("a")).some((a) => a.getAttribute("href") === "#requirement-" + name));
  return (!state.verdict || card.dataset.verdict === state.verdict)
    && (!state.role || card.dataset.roles.split(" ").includes(state.role))
    && (!state.requirement || names(state.requirement))
    && state.text.toLowerCase().split(/\s+/).every((word) => words(card).includes(word));
}

function sift() {
  CHOICES.forEach((name) => { filter.elements[name].value = state[name]; });
  const counts = document.querySelectorAll(".count");
  const told = [requirements, scenarios].map((cards, at) => {
    const any = CHOICES.some((name) => state[name]);
    const shown = cards.filter((card) => { card.hidden = any && !fits(card); return !card.hidden; }).length;
    counts[at].textContent = any ? shown + " / " + cards.length : String(cards.length);
    return shown;
  });
  return told;
}

function choose() {
  CHOICES.forEach((name) => { state[name] = filter.elements[name].value.trim(); });
  write(false);
  const [some, many] = sift();
  document.getElementById("told").replaceChildren(
    both(["要求 " + some + " 件、シナリオ " + many + " 件", some + " requirements, " + many + " scenarios"]));
}

// Opens whatever an anchor names, draws it where it is a record, and puts the reader there.
async function reveal() {
  const at = state.at;
  if (!at) { return; }
  const card = document.getElementById(at.replace(/\/record-\d+$/, ""));
  if (card && card.classList.contains("scenario")) {
    card.hidden = false;
    card.open = true;
    await draw(card);
  }
  const target = document.getElementById(at);
  if (!target || at !== state.at) { return; }
  target.hidden = false;
  for (let box = target; box; box = box.parentElement) {
    if (box.tagName === "DETAILS") { box.open = true; }
  }
  const record = target.classList.contains("row") ? target.querySelector("details") : null;
  if (record) { record.open = true; }
  const focused = (record || target).querySelector("summary") || target;
  if (!focused.matches("summary, a, button")) { focused.tabIndex = -1; }
  focused.focus({ preventScroll: true });
  target.scrollIntoView({ block: record ? "center" : "start", inline: "nearest" });
}

function follow(event) {
  const a = event.target.closest ? event.target.closest("a[href^='#']") : null;
  if (!a || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
  event.preventDefault();
  if (a.dataset.only) { CHOICES.forEach((name) => { state[name] = name === "requirement" ? a.dataset.only : ""; }); }
  state.at = a.getAttribute("href").slice(1);
  write(true);
  sift();
  reveal();
}

function copyButton(place) {
  const copy = make("button", "copy", label("copy"));
  copy.type = "button";
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(place.querySelector("code").textContent);
      tell("copied");
    } catch (_) {
      getSelection().selectAllChildren(place.querySelector("code"));
      tell(document.execCommand("copy") ? "copied" : "noCopy");
    }
  });
  place.append(" ", copy);
}

// On a narrow screen a table stands row by row; each cell then says what its column is.
function nameCells(table) {
  const heads = Array.from(table.querySelectorAll("thead th"));
  table.querySelectorAll("tbody tr").forEach((row) => {
    Array.from(row.children).forEach((cell, at) => {
      if (cell.tagName !== "TD" || !heads[at]) { return; }
      ["ja", "en"].forEach((tongue) => {
        const said = heads[at].querySelector('[lang="' + tongue + '"]');
        if (said) { cell.dataset[tongue] = said.textContent; }
      });
    });
  });
}

function arrive() {
  state = read();
  speak();
  sift();
  reveal();
}

function begin() {
  button.hidden = false;
  filter.hidden = false;
  button.addEventListener("click", () => { state.lang = state.lang === "ja" ? "en" : "ja"; speak(); write(false); });
  filter.addEventListener("input", choose);
  filter.addEventListener("reset", () => setTimeout(choose, 0));
  filter.addEventListener("submit", (event) => event.preventDefault());
  document.querySelectorAll("table").forEach(nameCells);
  document.addEventListener("click", follow);
  addEventListener("popstate", arrive);
  scenarios.forEach((card) => {
    card.addEventListener("toggle", () => { if (card.open) { draw(card); } });
    if (card.open) { draw(card); }
  });
  speak();
  if (location.hash) { sift(); reveal(); }
}

begin();
