"""Pure mapping of Douyin's raw shapes to domain items. No page, no clock, no state."""
