// Makes the inbox quicker; without it everything still works, page by page.
(() => {
  "use strict";
  const form = document.getElementById("choose");
  if (!form) return;
  const all = (selector, root = form) => [...root.querySelectorAll(selector)];
  const picks = all("input[name=pick]");
  const buttons = all(".bar button");
  const bar = form.querySelector(".bar");
  const told = document.getElementById("selected");
  const words = new Map(buttons.map((button) => [button, button.textContent]));
  const query = document.getElementById("query");
  const found = document.getElementById("found");
  let last = null;

  const rowOf = (box) => box.closest("tr");
  const isShown = (box) => !rowOf(box).hidden;
  const inGroup = (master) => all("input[name=pick]", master.closest("section"));

  // What a search hides is not selected: nobody decides about what they do not see.
  function count() {
    const chosen = picks.filter((box) => box.checked);
    for (const master of all("[data-all]")) {
      const some = inGroup(master).filter(isShown);
      const checked = some.filter((box) => box.checked).length;
      master.checked = some.length > 0 && checked === some.length;
      master.indeterminate = checked > 0 && checked < some.length;
      // Each row says so itself; the word for all would mean those that are hidden.
      master.removeAttribute("name");
      master.parentElement.lastElementChild.textContent = `Select all ${some.length}`;
    }
    for (const button of buttons) {
      const fit = chosen.filter((box) => rowOf(box).dataset.fits.split(" ").includes(button.value)).length;
      button.disabled = fit === 0;
      button.textContent = fit && fit < chosen.length ? `${words.get(button)} (${fit})` : words.get(button);
    }
    if (bar) bar.classList.toggle("idle", !chosen.length);
    if (told) told.textContent = chosen.length ? `${chosen.length} selected` : "Select what you want to decide about";
  }

  function filter() {
    const needles = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    const rows = all(".group tbody tr");
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !needles.every((needle) => text.includes(needle));
      shown += !row.hidden;
      const box = row.querySelector("input[name=pick]");
      if (row.hidden && box) box.checked = false;
    }
    for (const group of all(".group")) group.hidden = !group.querySelector("tbody tr:not([hidden])");
    found.textContent = needles.length ? `${shown} of ${rows.length} on this page match.` : "";
    count();
  }

  form.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("[data-all]")) {
      for (const one of inGroup(box)) if (isShown(one)) one.checked = box.checked;
    }
    count();
  });
  // With Shift, everything between two clicks follows the second one.
  form.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches("input[name=pick]")) return;
    if (event.shiftKey && last && last !== box) {
      const [from, to] = [picks.indexOf(last), picks.indexOf(box)].sort((a, b) => a - b);
      for (const one of picks.slice(from, to + 1)) if (isShown(one)) one.checked = box.checked;
      count();
    }
    last = box;
  });
  query.addEventListener("input", filter);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    query.focus();
  });
  addEventListener("pageshow", count);
  count();
})();
