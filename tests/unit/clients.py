"""Clients of AWS for what a test itself looks at. Making one takes 40 ms; moto answers those made before, too."""

import functools

import boto3

client = functools.cache(boto3.client)
