"use strict";
// The page is complete without this: it adds copying, filtering, and opening all at once.
for (const tools of document.querySelectorAll(".tools[hidden]")) tools.hidden = false;

function fallback(code) {
  const range = document.createRange();
  range.selectNodeContents(code);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  return document.execCommand("copy");
}

async function copied(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    return fallback(code);
  }
}

for (const command of document.querySelectorAll(".command")) {
  const code = command.querySelector("code");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy the command " + code.textContent);
  button.addEventListener("click", async () => {
    button.textContent = (await copied(code)) ? "Copied" : "Press Ctrl-C";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  command.append(button);
}

for (const field of document.querySelectorAll("input[type=search]")) {
  const items = [...document.querySelectorAll(field.dataset.filters)];
  const count = document.getElementById(field.dataset.count);
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      const text = item.textContent.toLowerCase();
      const fits = words.every((word) => text.includes(word));
      item.toggleAttribute("data-hidden", !fits);
      shown += fits;
    }
    count.textContent = words.length ? `${shown} of ${items.length} shown` : "";
  });
}

for (const button of document.querySelectorAll("button[data-opens]")) {
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    for (const item of document.querySelectorAll(button.dataset.opens)) item.open = open;
    button.setAttribute("aria-expanded", open);
    button.textContent = open ? "Close all" : "Open all";
  });
}
