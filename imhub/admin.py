"""The admin site as a whole: its name, and what one room shows on the page of another."""

from django.contrib import admin

from im_api.admin import GrantOfAccount
from sync.admin import AccountAdmin

admin.site.site_header = "IM Hub"
admin.site.site_title = "IM Hub"
admin.site.index_title = "Accounts, workers and people"
# Its room is needed by the lists.
admin.site.enable_nav_sidebar = False

AccountAdmin.inlines = (GrantOfAccount,)
