// What the pages of leads do beside what HTML does: times in the reader's zone, more rows in a
// form, the chosen target's field alone, and a job's progress. Without it every page still works.
"use strict";

(() => {
  const inZone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  const showTimes = (root) => {
    for (const time of root.querySelectorAll("time[datetime][title]")) {
      time.textContent = inZone.format(new Date(time.dateTime));
    }
  };

  const growPairs = (pairs) => {
    const add = pairs.querySelector("[data-pairs-add]");
    add.hidden = false;
    add.addEventListener("click", () => {
      const rows = pairs.querySelectorAll("[data-pairs-row]");
      const row = rows[rows.length - 1].cloneNode(true);
      for (const input of row.querySelectorAll("input, select")) {
        input.removeAttribute("id");
        if (input.tagName === "INPUT") input.value = "";
        const label = input.getAttribute("aria-label");
        input.setAttribute("aria-label", label.replace(/\d+$/, String(rows.length + 1)));
      }
      add.before(row);
      row.querySelector("input").focus();
    });
  };

  const followTarget = (form) => {
    const radios = form.querySelectorAll("input[name=target]");
    if (!radios.length) return;
    const show = () => {
      const target = form.querySelector("input[name=target]:checked");
      for (const name of ["rep", "pool"]) {
        const input = form.querySelector(`[name=${name}]`);
        input.closest(".group").hidden = !target || target.value !== name;
      }
    };
    radios.forEach((radio) => radio.addEventListener("change", show));
    show();
  };

  const followJob = (id) => {
    const again = async () => {
      try {
        const answer = await fetch(window.location.href, { credentials: "same-origin" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(id);
        if (fresh && !fresh.dataset.refresh) return window.location.reload();
        if (fresh) document.getElementById(id).replaceWith(fresh);
      } catch {
        // The server is away for a moment; ask again.
      }
      setTimeout(again, 2000);
    };
    setTimeout(again, 2000);
  };

  document.addEventListener("DOMContentLoaded", () => {
    showTimes(document);
    document.querySelectorAll("[data-pairs]").forEach(growPairs);
    document.querySelectorAll("[data-target-form]").forEach(followTarget);
    document.querySelectorAll("[data-refresh]").forEach((part) => followJob(part.dataset.refresh));
  });
})();
