"""What the containers of compose.yml run beside LocalStack: the deployment, and the addresses of page and API.

Nothing here is needed by the embedded stack or by AWS; what both local stacks share stands in `localstack/embedded`.
"""
