"use strict";
// Sorts the table by the column whose button is pressed, and hides rows that a word is not in.
const table = document.getElementById("students");
const body = table && table.tBodies[0];
const said = document.getElementById("said");

function sortBy(header) {
  const column = header.cellIndex;
  const down = header.getAttribute("aria-sort") === "ascending";
  const key = (row) => {
    const value = row.cells[column].dataset.sort;
    return header.dataset.kind === "number" ? (value === "" ? -Infinity : Number(value)) : value;
  };
  const keyed = Array.from(body.rows, (row) => [key(row), row]);
  const compare = header.dataset.kind === "number"
    ? (a, b) => (a[0] === b[0] ? 0 : a[0] < b[0] ? -1 : 1)
    : (a, b) => a[0].localeCompare(b[0]);
  keyed.sort(down ? (a, b) => compare(b, a) : compare);
  body.append(...keyed.map(([, row]) => row));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", down ? "descending" : "ascending");
  said.textContent = "Sorted by " + header.dataset.title + (down ? ", largest first" : ", smallest first");
}

if (table) {
  for (const header of table.tHead.rows[0].cells) {
    header.querySelector("button").addEventListener("click", () => sortBy(header));
  }
  const filter = document.getElementById("filter");
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const row of body.rows) {
      row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
      shown += !row.hidden;
    }
    said.textContent = shown + " of " + body.rows.length + " students";
  });
}
