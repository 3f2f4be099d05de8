"""SendGrid: the carrier of e-mails, and what it reports of them afterwards."""

from activities.notify.sendgrid.carrier import CarrierMisconfigured, SendGrid

__all__ = ["CarrierMisconfigured", "SendGrid"]
