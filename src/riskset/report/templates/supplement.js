"use strict";
// Filters and searches the table of every estimate, and closes the contents behind their reader. It shows and hides what
// the page holds, and asks nothing of anyone.
(() => {
  const contents = document.querySelector("nav.contents details");
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a")) contents.open = false;
  });
  contents.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !contents.open) return;
    contents.open = false;
    contents.querySelector("summary").focus();
  });

  const finder = document.getElementById("finder");
  if (!finder) return;
  const table = document.getElementById(finder.dataset.table);
  const [comparison, drug, term] = finder.querySelectorAll("select");
  const search = finder.querySelector("input");
  const shown = finder.querySelector("[role=status]");
  const number = (n) => n.toLocaleString("en-US");
  // Words as they are searched for, by how they begin: without accents, every dash a hyphen.
  const folded = (text) =>
    text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[\u2010-\u2015\u2212]/g, "-").toLowerCase();
  const begun = (text) => ` ${folded(text).replace(/[\s(]+/g, " ")}`;

  const bodies = [...table.tBodies].map((body) => {
    const [heading, ...rows] = body.rows;
    const estimates = rows.map((row) => ({
      row,
      of: [body.dataset.of, row.cells[0].textContent, row.cells[1].textContent],
      text: begun([heading, ...row.cells].map((cell) => cell.textContent).join(" ")),
    }));
    return { body, estimates };
  });
  const every = bodies.flatMap((part) => part.estimates);

  [comparison, drug, term].forEach((choice, i) => {
    const there = new Set(every.map((estimate) => estimate.of[i]).filter(Boolean));
    choice.append(...[...there].map((name) => new Option(name, name)));
  });

  const show = () => {
    const wanted = [comparison.value, drug.value, term.value];
    const words = folded(search.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { body, estimates } of bodies) {
      let any = false;
      for (const { row, of, text } of estimates) {
        const fits = wanted.every((value, i) => !value || value === of[i]) && words.every((word) => text.includes(` ${word}`));
        row.hidden = !fits;
        any ||= fits;
        count += fits;
      }
      body.hidden = !any;
    }
    shown.textContent = `SHOWN`;
  };

  finder.addEventListener("input", show);
  finder.querySelector("button").addEventListener("click", () => {
    for (const field of [comparison, drug, term, search]) field.value = "";
    show();
    search.focus();
  });
  finder.hidden = false;
  show();
})();
