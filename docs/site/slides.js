"use strict";
// One slide at a time, by keys, buttons and the address; without this script all stand one below another.
const slides = [...document.querySelectorAll(".slide")];
const place = document.getElementById("place");
let now = 0;

function show(number, whole) {
  now = Math.min(Math.max(number, 0), slides.length - 1);
  slides.forEach((slide, at) => slide.classList.toggle("now", at === now));
  for (const later of slides[now].querySelectorAll(".later")) later.classList.toggle("seen", Boolean(whole));
  place.textContent = `${now + 1} of ${slides.length}`;
  history.replaceState(null, "", `#slide-${now + 1}`);
  scrollTo(0, 0);
}

function on() {
  const later = slides[now].querySelector(".later:not(.seen)");
  if (later) later.classList.add("seen");
  else if (now < slides.length - 1) show(now + 1, false);
}

function back() { if (now > 0) show(now - 1, true); }

function notes() {
  const shown = document.body.classList.toggle("with-notes");
  document.getElementById("notes").setAttribute("aria-pressed", String(shown));
}

const KEYS = {
  ArrowRight: on, ArrowDown: on, PageDown: on, " ": on, ArrowLeft: back, ArrowUp: back, PageUp: back,
  Home: () => show(0, false), End: () => show(slides.length - 1, false), n: notes, N: notes,
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key]) return;
  if (event.key === " " && event.target.closest("button")) return;
  event.preventDefault();
  KEYS[event.key]();
});
document.getElementById("on").addEventListener("click", on);
document.getElementById("back").addEventListener("click", back);
document.getElementById("notes").addEventListener("click", notes);
addEventListener("hashchange", () => show(wanted(), false));

function wanted() {
  const named = /^#slide-(\d+)$/.exec(location.hash);
  return named ? Number(named[1]) - 1 : 0;
}

document.body.classList.add("deck");
show(wanted(), false);
