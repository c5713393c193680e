# Start Videoflix: on LocalStack (compose.yml) where Docker runs, else on the embedded stack, which needs Python only.
#   -Build      build the images anew, after the code changed
#   -Embedded   the embedded stack even though Docker runs
param([switch]$Build, [switch]$Embedded)

$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot
. .\localstack\compose\docker.ps1

function Write-Step { Write-Host "==> $args" }

function Invoke-Compose {
    docker compose @args
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

if (-not $Embedded -and -not (Test-Docker)) {
    Write-Step "No Docker with Compose runs here; using the embedded stack"
    $Embedded = $true
}

& .\stop_videoflix.ps1
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
if ($Embedded) {
    & .\make.ps1 up
    exit $LASTEXITCODE
}

if ($Build) {
    Write-Step "Building the images"
    Invoke-Compose build
}
Write-Step "Starting LocalStack"
Invoke-Compose up --detach --wait localstack
Write-Step "Deploying"
Invoke-Compose run --rm --no-deps --no-TTY deployer
Write-Step "Starting the page and the API"
Invoke-Compose up --detach --wait --no-deps web
Invoke-Compose exec --no-TTY web python -m localstack.compose.addresses
