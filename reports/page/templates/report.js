(function () {
  "use strict";
  var root = document.documentElement, button = document.getElementById("tongue");
  function speak(tongue) {
    root.setAttribute("data-tongue", tongue);
    root.lang = tongue;
    button.setAttribute("aria-label", tongue === "ja" ? "Show this page in English" : "このページを日本語で表示");
    button.textContent = tongue === "ja" ? "English" : "日本語";
    button.lang = tongue === "ja" ? "en" : "ja";
  }
  function reveal() {
    var at = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var box = at; box; box = box.parentElement) {
      if (box.tagName === "DETAILS") { box.open = true; }
    }
    if (at) { at.scrollIntoView(); }
  }
  button.hidden = false;
  button.addEventListener("click", function () {
    speak(root.getAttribute("data-tongue") === "ja" ? "en" : "ja");
  });
  window.addEventListener("hashchange", reveal);
  speak("ja");
  if (location.hash) { reveal(); }
})();
