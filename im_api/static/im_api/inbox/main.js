import { startActions } from "./actions.js";
import { lettersAct, startKeys } from "./keys.js";
import { startList } from "./list.js";
import { startVisits } from "./page.js";
import { startPage } from "./start.js";
import { startThread } from "./thread.js";

if (document.getElementById("list")) {
  startList();
  startThread();
  startVisits();
  startActions();
  startKeys();
}
startPage();

// Menus close when the hand goes elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

const letters = document.getElementById("letters");
if (letters) {
  letters.checked = lettersAct();
  letters.addEventListener("change", () => localStorage.setItem("letters", letters.checked ? "on" : "off"));
  document.getElementById("insecure").hidden = isSecureContext;
}

const filter = document.getElementById("rail-filter");
filter?.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  for (const account of document.querySelectorAll("#rail .account")) account.hidden = !account.title.toLowerCase().includes(wanted);
});
