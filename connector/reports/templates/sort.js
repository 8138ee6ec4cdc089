"use strict";
// A click on a heading sorts its table; without scripts it stays as it was written.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, at) => row.cells[at].dataset.value || row.cells[at].textContent.trim();
  const compare = (one, other) => one.localeCompare(other, "en", { numeric: true, sensitivity: "base" });
  if (table.querySelectorAll("tbody tr").length < 2) continue;
  heads.forEach((head, at) => {
    if (!head.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      for (const body of table.tBodies) {
        const rows = [...body.rows].sort((a, b) => compare(value(a, at), value(b, at)));
        body.append(...(down ? rows.reverse() : rows));
      }
    });
  });
}
