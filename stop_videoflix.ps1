# Stop Videoflix, whichever stack runs. The embedded one keeps accounts and films; LocalStack's free edition forgets them.
#   -Clean      also delete what a stopped stack keeps
param([switch]$Clean)

$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot
. .\localstack\compose\docker.ps1

if (Test-Docker) {
    $volumes = if ($Clean) { @("--volumes") } else { @() }
    docker compose down --remove-orphans @volumes
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}
if (Get-Command py, python3, python -ErrorAction SilentlyContinue) { # where only Docker is, no embedded stack runs
    & .\make.ps1 $(if ($Clean) { "clean" } else { "down" })
    exit $LASTEXITCODE
}
