import { startActions } from "./list/actions.js";
import { startDensity, toggleDensity } from "./list/density.js";
import { startGestures } from "./list/gestures.js";
import { startKeys } from "./keys/keys.js";
import { startList } from "./list/list.js";
import { askToMarkAll } from "./list/markall.js";
import { startNotes } from "./thread/notes.js";
import { startPictures } from "./thread/pictures.js";
import { startReplies } from "./thread/replies.js";
import { go, listPath, startVisits } from "./page/page.js";
import { startPage } from "./page/start.js";
import { startThread } from "./thread/thread.js";
import { startWorks } from "./works/works.js";

startDensity();
if (document.getElementById("list")) {
  startList();
  startGestures();
  startThread();
  startWorks();
  startVisits();
  startActions();
  startKeys();
  startNotes();
  startReplies();
  startPictures();
  document.getElementById("list").addEventListener("click", (event) => {
    if (event.target.closest("#mark-all-button")) askToMarkAll();
    if (event.target.closest("#density-button")) toggleDensity();
  });
  document.addEventListener("click", addAccount, true);
}
startPage();

// Menus close when the hand goes elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

const filter = document.getElementById("rail-filter");
filter?.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  for (const account of document.querySelectorAll("#rail .account")) account.hidden = !account.title.toLowerCase().includes(wanted);
});

/** With Ctrl an account in the rail is added to the filter, or taken out of it. */
function addAccount(event) {
  const link = event.target.closest("#rail .account");
  if (!link || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.stopPropagation();
  const query = new URLSearchParams(location.search);
  const chosen = new Set((query.get("account") ?? "").split(",").filter(Boolean));
  if (!chosen.delete(link.dataset.account)) chosen.add(link.dataset.account);
  if (chosen.size) query.set("account", [...chosen].join(","));
  else query.delete("account");
  go(`${listPath()}?${query}`);
}
