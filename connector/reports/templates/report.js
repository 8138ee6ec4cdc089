"use strict";
(() => {
  const PAGE = 50;
  const PRINTED = 2000;
  const QUIET = "remembered";
  const COLUMNS = ["Field", "Last agreed", "Partnero", "Tolt", "Would be written"];
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const tabs = [...document.querySelectorAll("[data-in]")];
  const wanted = { pair: "", in: "", q: "", verb: "", why: "", order: "" };
  let page = 0;

  data.rows.forEach((row, at) => { row.at = at; });
  for (const row of data.rows) {
    const said = [row.pair, row.code, row.text, row.new, row.id, row.what, row.why];
    const values = (row.values || []).flat();
    row.find = [...said, data.reasons[row.why], ...values, ...(row.lost || [])]
      .join("\n").toLowerCase();
  }

  // Text is only ever text: nothing here reads markup.
  function make(tag, name, ...inside) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...inside.filter((one) => one !== null));
    return made;
  }

  // A date or an amount is never broken at the end of a line.
  const whole = (text) => text.split(/(\d[\d.,:\-]*\d(?: [A-Z]{3}\b)?)/).map((part, at) => (at % 2 ? make("span", "nb", part) : part));

  function matches(row) {
    return (!wanted.pair || row.pair === wanted.pair)
      && (!wanted.in || row.in === wanted.in)
      && (!wanted.verb || row.verb === wanted.verb)
      && (!wanted.why || row.why === wanted.why)
      && wanted.q.toLowerCase().split(/\s+/).every((word) => row.find.includes(word));
  }

  function narrowed() {
    return Object.keys(wanted).some((name) => name !== "order" && wanted[name]);
  }

  // Sections stay in their order; inside of them another order may be asked for.
  const places = Object.keys(data.titles);
  const pairs = [...new Set(data.rows.map((row) => row.pair))];
  function ordered(rows) {
    const by = wanted.order;
    if (!by) return rows;
    const text = (row) => row[by] || "";
    return [...rows].sort((a, b) => pairs.indexOf(a.pair) - pairs.indexOf(b.pair)
      || places.indexOf(a.in) - places.indexOf(b.in)
      || text(a).localeCompare(text(b), "en", { numeric: true }) || a.at - b.at);
  }

  function selected() {
    return ordered(data.rows.filter(matches));
  }

  function values(row) {
    const used = COLUMNS.map((_, i) => i === 0 || row.values.some((one) => one[i] !== null));
    const head = make("tr", "");
    COLUMNS.forEach((title, i) => {
      if (!used[i]) return;
      const cell = make("th", "", title);
      cell.scope = "col";
      head.append(cell);
    });
    const body = make("tbody", "");
    for (const one of row.values) {
      const line = make("tr", "");
      const differs = one[2] !== null && one[3] !== null && one[2] !== one[3];
      one.forEach((text, i) => {
        if (!used[i]) return;
        const cell = make(i ? "td" : "th", i === 4 ? "new" : "");
        if (i) cell.dataset.name = COLUMNS[i];
        else cell.scope = "row";
        const shown = text === null ? "\u2013" : text;
        cell.append(differs && (i === 2 || i === 3) ? make("span", "differs", shown) : shown);
        line.append(cell);
      });
      body.append(line);
    }
    return make("table", "stack values", make("thead", "", head), body);
  }

  function details(row) {
    const inner = make("div", "inner");
    if (row.values) inner.append(values(row));
    if (row.lost) inner.append(make("p", "lost", make("strong", "", "Lost: "), row.lost.join(", "), "."));
    if (row.more) inner.append(make("p", "lost", make("strong", "", "Customers could get more off than now.")));
    if (row.type) {
      const list = make("dl", "type");
      for (const [command, effect] of row.type) {
        list.append(make("dt", "", effect), make("dd", "", make("code", "", command)));
      }
      inner.append(list);
    }
    const meta = [row.why, row.decided ? "decided by a person" : "", row.id];
    if (row.needs) meta.push(`after ${row.needs.join(", ")}`);
    inner.append(make("p", "meta", meta.filter(Boolean).join(" \u00b7 ")));
    return inner;
  }

  function entry(row) {
    const told = row.new && row.in === "ready" ? `${row.text} New: ${row.new}.` : row.text;
    const line = [
      make("span", "code", row.code || ""),
      make("span", "", make("bdi", "", ...whole(told))),
      make("span", "what", row.what || ""),
    ];
    if (!row.id && !row.type) return make("li", "", make("div", "plain", ...line));
    const box = make("details", "", make("summary", "", ...line));
    // The inside is made when somebody looks: most rows are never opened.
    box.addEventListener("toggle", () => box.children.length > 1 || box.append(details(row)));
    return make("li", "", box);
  }

  function draw(from, to, found) {
    const parts = [];
    let section, list, last;
    for (const row of found.slice(from, to)) {
      const other = !last || row.in !== last.in || row.pair !== last.pair;
      if (other) {
        const count = found.filter((one) => one.in === row.in && one.pair === row.pair).length;
        const whose = row.pair ? `${row.pair}: ` : "";
        section = make("section", row.in, make("h2", "", `${whose}${data.titles[row.in]} `, make("b", "", `${count}`)));
        parts.push(section);
      }
      if (other || (!wanted.order && row.why !== last.why)) {
        list = make("ul", "");
        section.append(make("h3", "", wanted.order ? "" : data.reasons[row.why]), list);
      }
      list.append(entry(row));
      last = row;
    }
    byId("list").replaceChildren(...parts);
    const all = narrowed() ? ` that match, of ${data.rows.length}` : "";
    const nothing = narrowed() ? "Nothing matches." : "Nothing is to be done or to be known.";
    byId("count").textContent = found.length ? `${from + 1} to ${to} of ${found.length}${all}` : nothing;
  }

  function show() {
    const found = selected();
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    page = Math.max(0, Math.min(page, pages - 1));
    const from = page * PAGE;
    const to = Math.min(from + PAGE, found.length);
    draw(from, to, found);
    byId("page").textContent = `Page ${page + 1} of ${pages}`;
    byId("pages").hidden = pages === 1;
    byId("back").disabled = page === 0;
    byId("next").disabled = page === pages - 1;
    byId("clear").hidden = !narrowed();
    for (const tab of tabs) tab.setAttribute("aria-pressed", `${tab.dataset.in === wanted.in}`);
  }

  // What is shown stands in the address, so that it can be sent to somebody.
  function change(name, value) {
    wanted[name] = value;
    page = 0;
    const kept = Object.entries(wanted).filter(([, one]) => one);
    const hash = new URLSearchParams(kept).toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname);
    show();
  }

  function fill() {
    if (byId("pair")) byId("pair").value = wanted.pair;
    byId("query").value = wanted.q;
    byId("verb").value = wanted.verb;
    byId("why").value = wanted.why;
    byId("order").value = wanted.order;
  }

  function options(id, name, words) {
    const counts = new Map();
    for (const row of data.rows) {
      if (row[name]) counts.set(row[name], (counts.get(row[name]) || 0) + 1);
    }
    for (const [value, count] of counts) {
      const option = make("option", "", `${words(value)} (${count})`);
      option.value = value;
      byId(id).append(option);
    }
    byId(id).addEventListener("change", (event) => change(name, event.target.value));
  }

  function turn(by) {
    page += by;
    show();
    byId("list").focus();
    byId("list").scrollIntoView();
  }

  function read() {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const name of Object.keys(wanted)) wanted[name] = given.get(name) || "";
    fill();
    show();
  }

  if (byId("pair")) options("pair", "pair", (value) => value);
  options("verb", "verb", (value) => data.verbs[value] || value);
  options("why", "why", (value) => data.reasons[value]);
  tabs.forEach((tab) => tab.addEventListener("click", () => change("in", tab.dataset.in)));
  byId("order").addEventListener("change", (event) => change("order", event.target.value));
  byId("query").addEventListener("input", (event) => change("q", event.target.value));
  byId("back").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  byId("clear").addEventListener("click", () => {
    Object.assign(wanted, { pair: "", q: "", verb: "", why: "", order: "" });
    change("in", "");
    fill();
    byId("query").focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select")) return;
    event.preventDefault();
    byId("query").focus();
  });
  // On paper the list is a table for each section: its head stands on each page.
  function line(row) {
    const told = row.new ? `${row.text} New: ${row.new}.` : row.text;
    const text = make("td", "text", ...whole(told));
    if (row.lost) text.append(make("strong", "", ` Lost: ${row.lost.join(", ")}.`));
    const code = make("th", "code", row.code || "\u2013");
    code.scope = "row";
    return make("tr", "", code, text, make("td", "nb", row.what || ""));
  }

  function paper(found) {
    const parts = [];
    let last, body;
    for (const row of found) {
      const other = !last || row.in !== last.in || row.pair !== last.pair;
      if (other) {
        const count = found.filter((one) => one.in === row.in && one.pair === row.pair).length;
        const whose = row.pair ? `${row.pair}: ` : "";
        const heads = ["Code", "What it means", "What would be done"].map((title) => make("th", "", title));
        body = make("tbody", "");
        parts.push(make("section", row.in,
          make("h2", "", `${whose}${data.titles[row.in]} `, make("b", "", `${count}`)),
          make("table", "wide", make("thead", "", make("tr", "", ...heads)), body)));
      }
      if (!wanted.order && (other || row.why !== last.why)) {
        const reason = make("th", "reason", data.reasons[row.why]);
        reason.colSpan = 3;
        body.append(make("tr", "group", reason));
      }
      body.append(line(row));
      last = row;
    }
    byId("list").replaceChildren(...parts);
  }

  // What is equal is not printed, unless it was asked for.
  addEventListener("beforeprint", () => {
    const found = selected();
    const asked = found.filter((row) => row.in !== QUIET || wanted.in === QUIET);
    const shown = asked.slice(0, PRINTED);
    paper(shown);
    const quiet = found.length - asked.length;
    const said = [`${shown.length} printed`];
    if (quiet) said.push(`${quiet} that agree are left out (to print them, choose "${data.titles[QUIET]}")`);
    if (asked.length > PRINTED) said.push(`${asked.length - PRINTED} more are in --format csv`);
    byId("count").textContent = `${said.join("; ")}.`;
  });
  addEventListener("afterprint", show);
  // A link to one pair's part of the list: it stands in the address like the rest.
  addEventListener("hashchange", () => {
    if (!location.hash.includes("=")) return;
    page = 0;
    read();
    byId("list").scrollIntoView();
  });
  read();
})();
