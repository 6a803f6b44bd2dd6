"use strict";
// Shows one answer at a time and sends each mark to the server as it is given. What a mark is,
// and whether it may be stored, the server decides.
const $ = (id) => document.getElementById(id);
const TOKEN = document.querySelector('meta[name="course-token"]').content;
const WRITING = 500; // ms of rest after which what is being written is stored
const AGAIN = 1000; // ms until a mark that could not be stored is sent again

let number = 0; // of the question
let question = null; // as the server tells it
let at = 0; // which answer is shown
let stored = {}; // answer → the mark that the server has told last
let marks = {}; // answer → the mark as it is on the page
const queue = []; // marks on their way, the oldest first
let sending = false;
let writing = null; // the timer of the text field
let asked = 0; // the newest request for an answer: an older one's comes too late

const names = () => ($("names").checked ? "1" : "0");
const shown = () => question && question.answers[at];
const mark = () => marks[shown().id];

async function ask(method, path, body) {
  const reply = await fetch(path, {
    method, headers: { "X-Course-Token": TOKEN, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return [reply.status, await reply.json()];
}

// For what only reads: where the gradebook is in use, again after a while.
async function load(method, path, body) {
  for (;;) {
    let status, told;
    try { [status, told] = await ask(method, path, body); } catch { status = 0; }
    if (status === 200) return told;
    if (status !== 503 && status !== 0) { say(told.error, true); return null; }
    say(status ? told.error + " Trying again." : LOST, true);
    await new Promise((done) => setTimeout(done, AGAIN));
  }
}
const LOST = "course mark does not answer: it was stopped, perhaps. What was given before is stored. Trying again.";

function say(text, trouble = false) {
  $("said").textContent = text;
  $("said").classList.toggle("trouble", trouble);
}

const plain = (points) => String(Math.round(points * 100) / 100);
function worth(points) {
  if (points === null) return "no points yet";
  return plain(points) + (points === 1 ? " point" : " points");
}

// Storing.

function give(change) {
  const id = shown().id;
  Object.assign(marks[id], change);
  if ("points" in change) marks[id].waits = change.points === null;
  const last = queue.length > (sending ? 1 : 0) ? queue[queue.length - 1] : null;
  if (last && last.id === id) Object.assign(last.change, change);
  else queue.push({ id, place: at, change: { ...change } });
  drawMark();
  send();
}

async function send() {
  if (sending) return;
  sending = true;
  while (queue.length) {
    const { id, place, change } = queue[0];
    const seen = stored[id];
    const body = { comment: seen.comment, ...change, seen: { points: seen.points, comment: seen.comment } };
    let status, told;
    try { [status, told] = await ask("PUT", "/api/answers/" + id, body); } catch { status = 0; }
    if (status === 0 || status === 503) {
      say(status ? told.error + " Your mark waits here and is sent again." : LOST + " Your mark waits here; leave this page open.", true);
      await new Promise((done) => setTimeout(done, AGAIN));
      continue;
    }
    queue.shift();
    if (status === 200) {
      stored[id] = told;
      if (!queue.some((one) => one.id === id)) settle(id, told);
      say("Stored: answer " + (place + 1) + ", " + worth(told.points) + (told.comment ? ", with a comment." : "."));
      if ("comment" in change && question.comments.length) count();
    } else {
      for (let i = queue.length - 1; i >= 0; i -= 1) if (queue[i].id === id) queue.splice(i, 1);
      if (told.now) stored[id] = told.now;
      marks[id] = { ...stored[id] };
      const yours = [("points" in change) && worth(change.points), change.comment && "“" + change.comment + "”"];
      say("Answer " + (place + 1) + ": " + told.error + " Yours was: " + yours.filter(Boolean).join(", ") + ".", true);
      if (shown().id === id) drawMark(true);
    }
    drawProgress();
  }
  sending = false;
}

// What the server has stored counts, but nobody's cursor is moved while they write.
function settle(id, told) {
  const writes = shown().id === id && document.activeElement === $("told");
  marks[id] = { ...told, comment: writes ? marks[id].comment : told.comment };
  if (shown().id === id) drawMark();
}

function flush() {
  if (writing === null) return;
  clearTimeout(writing);
  writing = null;
  if ($("told").value.trim() !== stored[shown().id].comment.trim()) give({ comment: $("told").value });
}

const lines = (text) => text.split("\n").map((line) => line.trim());
const chosen = (comment) => lines(marks[shown().id].comment).includes(comment.text);

function choose(comment) {
  flush();
  const before = mark().comment;
  const text = chosen(comment)
    ? before.split("\n").filter((line) => line.trim() !== comment.text).join("\n")
    : before.trimEnd() + "\n\n" + comment.text;
  const change = { comment: text.replace(/\n{3,}/g, "\n\n").trim() };
  mark().comment = change.comment;
  if (comment.points !== null) {
    const given = question.comments.filter((one) => one.points !== null && chosen(one)).map((one) => one.points);
    const sum = given.reduce((all, one) => all + one, given.some((one) => one > 0) ? 0 : question.most);
    change.points = given.length ? Math.min(Math.max(sum, 0), question.most) : null;
  }
  give(change);
  drawMark(true);
}

function points(value) {
  flush();
  if (value !== null && !(value >= 0 && value <= question.most)) {
    say("This question has at most " + plain(question.most) + " points.", true);
    drawMark();
    return;
  }
  give({ points: value });
}

async function undo() {
  flush();
  while (queue.length) await new Promise((done) => setTimeout(done, 50));
  const told = await load("POST", "/api/undo");
  if (!told) return go(at);
  if (!told.id) return say("There is nothing to take back since course mark was started.");
  const { id, ...before } = told;
  stored[id] = before;
  marks[id] = { ...before };
  const place = question.answers.findIndex((one) => one.id === id);
  if (place < 0) return say("Taken back, in another question.");
  await go(place);
  say("Taken back: answer " + (place + 1) + " has " + worth(before.points) + " again.");
  count();
}

// Going from answer to answer.

async function go(place) {
  flush();
  at = Math.min(Math.max(place, 0), question.answers.length - 1);
  const one = shown();
  const mine = (asked += 1);
  const told = await load("GET", "/api/answers/" + one.id + "?names=" + names());
  if (!told || mine !== asked) return;
  if (!queue.some((waiting) => waiting.id === one.id)) {
    stored[one.id] = { points: told.points, comment: told.comment, waits: told.waits };
    marks[one.id] = { ...stored[one.id] };
  }
  const total = question.answers.length;
  $("who").textContent = "Answer " + (at + 1) + " of " + total + (told.name ? ": " + told.name : "");
  document.title = (at + 1) + " of " + total + " · " + question.title;
  if (JSON.stringify(told.comments) !== JSON.stringify(question.comments.map(({ told: _, ...kept }) => kept))) {
    bank(told); // somebody else has changed them
  }
  $("hints").replaceChildren(...told.hints.map((hint) => made("li", hint)));
  put($("answer"), told.html, "No answer.");
  $("answer").scrollTop = 0;
  drawMark(true);
  drawProgress();
}

async function onward() {
  flush();
  const total = question.answers.length;
  const from = at;
  for (let step = 1; step <= total; step += 1) {
    const place = (from + step) % total;
    if (!marks[question.answers[place].id].waits) continue;
    await go(place);
    // Who marks beside us may have been here meanwhile.
    if (at !== place || mark().waits) return;
  }
  say("All " + total + " answers are marked.");
}

async function open(wanted, place = null) {
  if (question) { flush(); while (queue.length) await new Promise((done) => setTimeout(done, 50)); }
  const told = await load("GET", "/api/questions/" + wanted + "?names=" + names());
  if (!told) return;
  number = wanted;
  question = told;
  stored = Object.fromEntries(told.answers.map((one) => [one.id, { points: one.points, comment: one.comment, waits: one.waits }]));
  marks = Object.fromEntries(told.answers.map((one) => [one.id, { ...stored[one.id] }]));
  put($("statement"), told.statement);
  put($("model"), told.model);
  $("statement-part").hidden = !told.statement;
  $("model-part").hidden = !told.model;
  $("no-model").hidden = Boolean(told.model);
  $("most").textContent = plain(told.most);
  $("other").max = told.most;
  drawPoints();
  drawBank();
  $("list").replaceChildren(...told.answers.map((one, i) => {
    const item = made("li");
    const button = made("button", String(i + 1));
    button.type = "button";
    button.addEventListener("click", () => go(i));
    item.append(button);
    return item;
  }));
  const none = !told.answers.length;
  for (const id of ["marking", "all"]) $(id).hidden = none;
  if (none) {
    $("who").textContent = "Nobody’s answer is in the gradebook yet. First: course grade";
    return drawProgress();
  }
  const waits = told.answers.findIndex((one) => one.waits);
  await go(place === null ? Math.max(waits, 0) : place);
}

// Drawing.

function made(kind, text = "") {
  const element = document.createElement(kind);
  element.textContent = text;
  return element;
}

// The server has cleaned it by a list of what may stay, and the page's policy runs nothing in it.
function put(place, html, otherwise = "") {
  if (!html) return place.replaceChildren(made("p", otherwise));
  place.innerHTML = html;
  for (const link of place.querySelectorAll("a[href^=http]")) link.target = "_blank";
  for (const image of place.querySelectorAll("img:not([alt])")) image.alt = "a picture without a description";
}

function drawPoints() {
  const values = question.most <= 10 ? Array.from({ length: Math.floor(question.most) + 1 }, (_, i) => i) : [0, question.most];
  if (!values.includes(question.most)) values.push(question.most);
  $("points").replaceChildren(...values.map((value) => {
    const button = made("button", plain(value));
    button.type = "button";
    button.dataset.points = value;
    if (value < 10 && Number.isInteger(value)) button.setAttribute("aria-keyshortcuts", String(value));
    button.addEventListener("click", () => points(value));
    return button;
  }));
}

function drawBank() {
  $("note").hidden = !question.note;
  $("note").textContent = question.note;
  $("bank").replaceChildren(...question.comments.map((comment) => {
    const item = made("li");
    const choice = made("button");
    choice.type = "button";
    choice.className = "choose";
    choice.dataset.letter = comment.letter;
    choice.setAttribute("aria-keyshortcuts", comment.letter);
    const worthIt = comment.points === null ? "" : (comment.points > 0 ? "+" : "−") + plain(Math.abs(comment.points));
    choice.append(made("kbd", comment.letter), " " + comment.text + " ", made("b", worthIt), " ", made("small", comment.told ? comment.told + "×" : ""));
    choice.addEventListener("click", () => choose(comment));
    const change = made("button", "Change");
    change.type = "button";
    change.className = "change";
    change.setAttribute("aria-label", "Change comment " + comment.letter);
    change.addEventListener("click", () => edit(comment));
    item.append(choice, change);
    return item;
  }));
}

// `anew` also puts what is told into its field, which is left alone while somebody writes there.
function drawMark(anew = false) {
  const now = mark();
  for (const button of $("points").children) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.points) === now.points));
  }
  if (document.activeElement !== $("other") || anew) $("other").value = now.points === null ? "" : plain(now.points);
  if (document.activeElement !== $("told") || anew) $("told").value = now.comment;
  question.comments.forEach((comment, i) => {
    $("bank").children[i].firstChild.setAttribute("aria-pressed", String(chosen(comment)));
  });
  $("take-back").disabled = now.points === null;
  $("back").disabled = at === 0;
  $("next").disabled = at === question.answers.length - 1;
}

const entry = (title, waiting, total) => title + " (" + waiting + " of " + total + " wait)";

function drawProgress() {
  const total = question.answers.length;
  const done = question.answers.filter((one) => !marks[one.id].waits).length;
  $("progress").max = Math.max(total, 1);
  $("progress").value = done;
  $("count").textContent = done + " of " + total + " marked";
  $("question").options[number].textContent = entry(question.title, total - done, total);
  question.answers.forEach((one, i) => {
    const button = $("list").children[i].firstChild;
    const now = marks[one.id];
    const label = one.name || String(i + 1);
    button.textContent = now.waits ? label : label + " ✓ " + (now.points === null ? "" : plain(now.points));
    button.classList.toggle("done", !now.waits);
    button.setAttribute("aria-label", (one.name || "Answer " + (i + 1)) + (now.waits ? ", waits" : ", " + worth(now.points)));
    if (i === at) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  });
}

// The comments that are used again.

let edited = null; // null: a new one

function edit(comment) {
  edited = comment;
  $("edit").open = true;
  $("edit-text").value = comment ? comment.text : "";
  $("edit-points").value = comment && comment.points !== null ? comment.points : "";
  $("edit-remove").hidden = !comment;
  $("edit").firstElementChild.textContent = comment ? "Change comment " + comment.letter : "New comment";
  $("edit-text").focus();
}

function closed(told) {
  if (!told) return;
  question.comments = told.comments;
  question.note = told.note;
  edit(null);
  $("edit").open = false;
  $("edit").firstElementChild.focus();
  drawBank();
  drawMark();
}

async function keep(event) {
  event.preventDefault();
  const value = $("edit-points").value;
  const body = { text: $("edit-text").value, points: value === "" ? null : Number(value), seen: edited };
  const told = await load("POST", "/api/questions/" + number + "/comments" + (edited ? "/" + edited.letter : ""), body);
  if (told) say("Kept: comment " + told.letter + ".");
  else await again();
  closed(told);
}

async function remove() {
  const told = await load("DELETE", "/api/questions/" + number + "/comments/" + edited.letter, { seen: edited });
  if (told) say("Removed. Who was told it is told it still.");
  else await again();
  closed(told);
}

// What was refused stays in its field; beside it stand the comments of now.
async function again() {
  const told = await load("GET", "/api/questions/" + number + "/comments");
  if (!told) return;
  bank(told);
  if (edited) edited = question.comments.find((one) => one.letter === edited.letter) || null;
}

function bank(told) {
  question.comments = told.comments;
  question.note = told.note;
  drawBank();
  drawMark();
  count();
}

// How many were told each comment, by the marks on the page.
function count() {
  for (const comment of question.comments) {
    comment.told = question.answers.filter((one) => lines(marks[one.id].comment).includes(comment.text)).length;
    const button = $("bank").querySelector('[data-letter="' + comment.letter + '"] small');
    if (button) button.textContent = comment.told ? comment.told + "×" : "";
  }
}

// Keys.

function pressed(event) {
  if ($("help").open) return;
  const field = event.target.closest("input, textarea, select");
  if (event.target === $("told") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    $("who").focus();
    event.preventDefault();
    return onward();
  }
  if (field && event.key === "Escape") return $("who").focus();
  if (event.target === $("other") && event.key === "Enter") { $("who").focus(); return onward(); }
  if ((field && field.type !== "checkbox") || !$("keys").checked || !question || !question.answers.length) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.shiftKey) { event.preventDefault(); return undo(); }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = {
    ArrowRight: () => go(at + 1), ArrowLeft: () => go(at - 1),
    "/": () => $("told").focus(), "=": () => $("other").focus(), "?": () => $("help").showModal(),
    ".": () => points(mark().points === null ? 0.5 : mark().points % 1 ? Math.floor(mark().points) : mark().points + 0.5),
  }[event.key];
  if (act) { event.preventDefault(); return act(); }
  if (event.key === "Enter" && !event.target.closest("button, a, summary")) return onward();
  if (/^[0-9]$/.test(event.key)) {
    event.preventDefault();
    if (question.most < 10) return points(Number(event.key));
    $("other").focus();
    $("other").value = event.key;
    return;
  }
  const comment = question.comments.find((one) => one.letter === event.key.toLowerCase());
  if (comment && !event.repeat) { event.preventDefault(); choose(comment); }
}

// Where a machine has no font for mathematics, browsers leave an index on the line: x1 for x₁.
function lowerIndices() {
  const probe = made("p");
  probe.innerHTML = "<math><msub><mi>x</mi><mn>1</mn></msub></math>";
  document.body.append(probe);
  const [base, index] = probe.querySelectorAll("mi, mn");
  const lowered = index.getBoundingClientRect().bottom - base.getBoundingClientRect().bottom;
  document.body.classList.toggle("flat-indices", lowered < 1.5);
  probe.remove();
}
lowerIndices();
document.addEventListener("keydown", pressed);
// After a click the keys go on from the answer: Enter would press the button again.
$("marking").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && event.detail && !button.closest("#edit, li .change")) button.blur();
});
$("back").addEventListener("click", () => go(at - 1));
$("next").addEventListener("click", () => go(at + 1));
$("onward").addEventListener("click", onward);
$("undo").addEventListener("click", undo);
$("take-back").addEventListener("click", () => points(null));
$("other").addEventListener("change", () => {
  const value = $("other").value;
  points(value === "" ? null : Number(value));
});
$("told").addEventListener("input", () => {
  mark().comment = $("told").value;
  clearTimeout(writing);
  writing = setTimeout(flush, WRITING);
  drawMark();
});
$("told").addEventListener("blur", flush);
$("edit-form").addEventListener("submit", keep);
$("edit-remove").addEventListener("click", remove);
$("edit-cancel").addEventListener("click", () => { edit(null); $("edit").open = false; });
$("question").addEventListener("change", () => open(Number($("question").value)));
$("names").addEventListener("change", () => open(number, at));
$("show-help").addEventListener("click", () => $("help").showModal());
window.addEventListener("beforeunload", (event) => {
  flush();
  if (queue.length) event.preventDefault();
});
try {
  $("keys").checked = localStorage.getItem("course-mark-keys") !== "off";
  $("keys").addEventListener("change", () => localStorage.setItem("course-mark-keys", $("keys").checked ? "on" : "off"));
} catch { /* a browser that keeps nothing */ }

(async () => {
  const told = await load("GET", "/api/questions");
  if (!told) return;
  $("course").textContent = "· " + told.course + (told.section ? " · section " + told.section : "");
  $("question").replaceChildren(...told.questions.map((one, i) => {
    const option = made("option", entry(one.title, one.waiting, one.answers));
    option.value = i;
    return option;
  }));
  $("question").value = told.first;
  await open(told.first);
})();
