"""Douyin (creator.douyin.com and www.douyin.com), read in the account owner's own session."""
