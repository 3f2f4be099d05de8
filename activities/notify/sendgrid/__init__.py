"""SendGrid: the carrier of e-mails, and what it reports of them afterwards."""

from activities.notify.sendgrid.carrier import SendGrid

__all__ = ["SendGrid"]
