from django.urls import path

from bench.baseline import ConversationList
from imhub.urls import urlpatterns as product

urlpatterns = [*product, path("baseline/conversations", ConversationList.as_view())]
