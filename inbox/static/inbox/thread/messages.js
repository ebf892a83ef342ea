// @ts-check
// Where the messages of the open thread stand in the page.
import { all, find, need } from "../page/dom.js";

export const thread = () => find("thread");
export const box = () => need("messages");
export const column = () => need("column");

/**
 * Return the messages of the newest page, and what came since.
 * @param {ParentNode} place a column
 */
export const newest = (place) => all(place, ":scope > [id^='m-']");
