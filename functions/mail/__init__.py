"""Mails: templates, the outbox queue, and the Lambda that sends each exactly once through SES.

Knows only the ground floor.
"""
