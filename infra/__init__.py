"""What must exist before a function can run, and the program that makes it so.

`*.yaml` is the state (CloudFormation), `deploy` plans, prints and acts: the same for the embedded stack, LocalStack
and AWS, only the endpoint differs. Nothing here is packaged into a Lambda.
"""
