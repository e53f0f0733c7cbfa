"""Doors of what we hear."""

from django.urls import path

from portal.insight import views

urlpatterns = [
    path("insight/", views.insight, name="insight"),
    path("insight/answers/", views.answers, name="insight_answers"),
    path("insight/comments/", views.comments, name="insight_comments"),
    path("insight/replies/", views.replies, name="insight_replies"),
    path("insight/replies.csv", views.replies_file, name="insight_replies_file"),
    path("insight/rates.csv", views.rates_file, name="insight_rates_file"),
    path("insight/answers.csv", views.answers_file, name="insight_answers_file"),
]
