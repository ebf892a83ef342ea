// @ts-check
import { startRailFilter } from "./accounts/rail_filter.js";
import { startComposer } from "./answering/composer.js";
import { startFinding } from "./answering/finding.js";
import { startInWorks } from "./answering/in_works.js";
import { startMarks } from "./answering/marks.js";
import { startSending } from "./answering/sending.js";
import { startWritten } from "./answering/written.js";
import { startKeys } from "./keys/keys.js";
import { startActions } from "./list/actions.js";
import { startBulk } from "./list/bulk.js";
import { startDensity, toggleDensity } from "./list/density.js";
import { startGestures } from "./list/gestures.js";
import { startKinds } from "./list/kinds.js";
import { startList } from "./list/list.js";
import { askToMarkAll } from "./list/markall.js";
import { startSearch } from "./list/search.js";
import { all, around, find } from "./page/dom.js";
import { go, listPath, startVisits } from "./page/page.js";
import { startPage } from "./page/start.js";
import { startNotes } from "./thread/notes.js";
import { startPictures } from "./thread/pictures.js";
import { startReplies } from "./thread/replies.js";
import { startThread } from "./thread/thread.js";
import { startWorks } from "./works/works.js";

startDensity();
const list = find("list");
if (list) {
  startKinds();
  startList();
  startSearch();
  startGestures();
  startThread();
  startWorks();
  startVisits();
  startActions();
  startBulk(list);
  startFinding();
  startInWorks(); // it brings the facts that the composer compares a draft with
  startComposer();
  startSending();
  startWritten();
  startMarks();
  startNotes();
  startReplies();
  startPictures();
  list.addEventListener("click", (event) => {
    if (around(event, "#mark-all-button")) askToMarkAll();
    if (around(event, "#density-button")) toggleDensity();
  });
  document.addEventListener("click", addAccount, true);
}
startKeys();
startRailFilter();
startPage();

// Menus close when the hand goes elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of all(document, "details.menu[open]", HTMLDetailsElement)) {
    if (!(event.target instanceof Node && menu.contains(event.target))) menu.open = false;
  }
});

/**
 * With Ctrl an account in the rail is added to the filter, or taken out of it.
 * @param {MouseEvent} event
 */
function addAccount(event) {
  const link = around(event, "#rail .account");
  if (!link || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.stopPropagation();
  const query = new URLSearchParams(location.search);
  const chosen = new Set((query.get("account") ?? "").split(",").filter(Boolean));
  const id = link.dataset.account ?? "";
  if (!chosen.delete(id)) chosen.add(id);
  if (chosen.size) query.set("account", [...chosen].join(","));
  else query.delete("account");
  go(`${listPath()}?${query}`);
}
