# Stop Videoflix, whichever stack runs. The embedded one keeps accounts and films; LocalStack's free edition forgets them.
#   -Clean      also delete what a stopped stack keeps
param([switch]$Clean)

$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot
. .\localstack\compose\docker.ps1

if (Test-Docker) {
    $volumes = if ($Clean) { @("--volumes") } else { @() }
    # by name, so that compose.yml is not read: an old Compose cannot, and nobody's can where the page is off
    $project = if ($env:COMPOSE_PROJECT_NAME) { $env:COMPOSE_PROJECT_NAME } else { "videoflix" }
    docker compose --project-name "$project" down --remove-orphans @volumes
    if ($LASTEXITCODE -ne 0) { Write-Warning "LocalStack could not be stopped; what Docker said stands above." }
}
if (Get-Command py, python3, python -ErrorAction SilentlyContinue) { # where only Docker is, no embedded stack runs
    & .\make.ps1 $(if ($Clean) { "clean" } else { "down" })
    exit $LASTEXITCODE
}
exit 0
