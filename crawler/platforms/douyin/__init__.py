"""Douyin (creator.douyin.com and www.douyin.com), read in the account owner's own session."""

from crawler.platforms.douyin.adapter import Douyin

__all__ = ["Douyin"]
