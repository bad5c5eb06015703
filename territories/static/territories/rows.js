"use strict";
// Rows that can be added and removed, and controls that show only where they mean something.
// Without this script every control is shown and some empty rows stand ready.
(function () {
  function applySwitch(group) {
    const choice = group.querySelector("[data-choice]");
    if (!choice) return;
    for (const control of group.querySelectorAll("[data-when]")) {
      control.hidden = !control.dataset.when.split(" ").includes(choice.value);
    }
  }

  function prepare(root) {
    for (const button of root.querySelectorAll("[data-add-row], [data-remove-row]")) {
      button.hidden = false;
    }
    const groups = [...root.querySelectorAll("[data-switch]")];
    if (root instanceof Element && root.matches("[data-switch]")) groups.push(root);
    groups.forEach(applySwitch);
  }

  // All but one of the empty rows are there for browsers without scripts.
  function dropSpareRows(group) {
    const rows = [...group.querySelectorAll("[data-rows-body] > [data-row]")];
    const empty = rows.filter((row) =>
      [...row.querySelectorAll("select, input")].every((control) => !control.value)
    );
    empty.slice(rows.length === empty.length ? 1 : 0).forEach((row) => row.remove());
  }

  document.addEventListener("change", function (event) {
    const group = event.target.closest("[data-switch]");
    if (group && event.target.matches("[data-choice]")) applySwitch(group);
  });

  document.addEventListener("click", function (event) {
    const add = event.target.closest("[data-add-row]");
    const remove = event.target.closest("[data-remove-row]");
    if (add) {
      const group = add.closest("[data-rows]");
      const body = group.querySelector("[data-rows-body]");
      body.append(group.querySelector("[data-row-template]").content.cloneNode(true));
      const row = body.lastElementChild;
      for (const control of row.querySelectorAll("[aria-label]")) {
        control.ariaLabel = control.ariaLabel.replace(/new$/, body.children.length);
      }
      prepare(row);
      row.querySelector("select, input").focus();
    } else if (remove) {
      const group = remove.closest("[data-rows]");
      remove.closest("[data-row]").remove();
      group.querySelector("[data-add-row]").focus();
    }
  });

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-rows]").forEach(dropSpareRows);
    prepare(document);
  });
})();
