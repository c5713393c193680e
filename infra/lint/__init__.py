"""Linters of the templates, as `make lint` runs them: `python -m infra.lint`. Nothing here is part of a deployment.

cfn-lint says whether CloudFormation would take a template, cfripper whether it is safe, parliament whether each policy
says what it means. All three see the templates as they are for production. What stays is explained in `explained.py`.
"""
