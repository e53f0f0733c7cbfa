"""Asking and mending: invitations, answers and recoveries."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    """Asking and mending: invitations, answers and recoveries."""

    name = "feedback"
    verbose_name = _("Feedback")

    def ready(self) -> None:
        from customers.emails import register_composer, register_sample, register_seal
        from customers.services.erasing import register_eraser
        from customers.services.merges import register_settler
        from feedback.amends import PUT_RIGHT
        from feedback.emails import INVITATION, REMINDER
        from feedback.giving_letter import GESTURE
        from feedback.samples import SAMPLES
        from feedback.services import asking_joining, giving_joining
        from feedback.services.erasing import erase_listening
        from feedback.services.giving_erasing import erase_giving
        from feedback.services.giving_letters import seal_gesture
        from feedback.services.leaving import write_letter
        from feedback.services.links import seal_invitation
        from feedback.services.put_right import seal_put_right
        from feedback.starter import after_migrating
        from feedback.starter_giving import after_migrating as begin_giving

        for kind in (INVITATION, REMINDER):
            register_seal(kind, seal_invitation)
            register_composer(kind, write_letter)
        for one in SAMPLES:
            register_sample(one.kind, name=one.name, write=one.write, is_for_colleagues=one.is_for_colleagues)
        register_seal(PUT_RIGHT, seal_put_right)
        register_seal(GESTURE, seal_gesture)
        register_eraser(erase_listening)
        register_eraser(erase_giving)
        for settler in (asking_joining.SETTLER, giving_joining.SETTLER):
            register_settler(settler)
        post_migrate.connect(after_migrating, sender=self)
        # The last to hear of it: tiers and causes are there by then.
        post_migrate.connect(begin_giving, sender=apps.get_app_config("customers"))
