// What every page of the inbox does, whatever stands on it.
import { startBadge } from "./badge.js";
import { startBanner } from "./banner.js";
import { startDevice } from "../device/device.js";
import { startForms } from "../accounts/forms.js";
import { startFreshness } from "../accounts/freshness.js";
import { startLive } from "../connection/live.js";
import { startNotices } from "../notices/notices.js";
import { startRecovered } from "../accounts/recovered.js";
import { startSignIn } from "./signin.js";

export function startPage() {
  startBadge();
  startBanner();
  startFreshness();
  startDevice();
  startForms();
  startSignIn();
  startNotices();
  startRecovered();
  startLive();
}
