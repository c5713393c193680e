# What the scripts that start and stop LocalStack share.

function Test-Docker {
    # "Stop" would: Windows PowerShell 5.1 makes an error of each line that a program writes to a redirected stderr
    $ErrorActionPreference = "Continue"
    if (-not (Get-Command docker -ErrorAction SilentlyContinue)) { return $false }
    docker compose version *> $null
    if ($LASTEXITCODE -ne 0) { return $false }
    docker info *> $null
    return $LASTEXITCODE -eq 0
}
