// @ts-check
// What every page of the inbox does, whatever stands on it.
import { startComputer } from "../accounts/computer.js";
import { startForms } from "../accounts/forms.js";
import { startFreshness } from "../accounts/freshness.js";
import { startRecovered } from "../accounts/recovered.js";
import { startLive } from "../connection/live.js";
import { startDevice } from "../device/device.js";
import { startPush } from "../device/push.js";
import { startLogin } from "../login/dialog.js";
import { startNotices } from "../notices/notices.js";
import { startBadge } from "./badge.js";
import { startBanner } from "./banner.js";
import { startSignIn } from "./signin.js";

export function startPage() {
  startBadge();
  startBanner();
  startFreshness();
  startDevice();
  startPush();
  startForms();
  startComputer();
  startLogin();
  startSignIn();
  startNotices();
  startRecovered();
  startLive();
}
