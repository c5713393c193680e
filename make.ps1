# The Makefile's twin for Windows: .\make.ps1 up
param([Parameter(Position = 0)][string]$Target = "help", [string]$Stage, [switch]$Plan, [string]$Film, [int]$Rounds = 20, [int]$Seed = 2)

$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot
$Venv = ".venv\Scripts"

function Test-Starts {
    # "Stop" would: Windows PowerShell 5.1 makes an error of each line that a program writes to a redirected stderr
    $ErrorActionPreference = "Continue"
    $command, $arguments = $args
    if (-not (Get-Command $command -ErrorAction SilentlyContinue)) { return $false }
    & $command @arguments *> $null
    return $LASTEXITCODE -eq 0
}

function Find-Python {
    # one that really starts: python3 may be what only points at the Microsoft Store
    foreach ($python in @("py", "-3.13"), @("py", "-3.12"), @("py", "-3.11"), @("python3"), @("python")) {
        if (Test-Starts @python -c pass) { return $python }
    }
    Write-Error "Videoflix needs Python 3.11, 3.12 or 3.13, and there is none."
}

function Invoke-Step {
    $command, $arguments = $args
    & $command @arguments
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Invoke-Python {
    $python = @(Find-Python)
    Invoke-Step @python @args
}

function Test-Lint {
    Invoke-Python -m localstack.environment --dev
    Invoke-Step "$Venv\ruff" check .
    Invoke-Step "$Venv\ruff" format --check .
    Invoke-Step "$Venv\mypy"
    Invoke-Step "$Venv\lint-imports"
    Invoke-Step "$Venv\python" -m infra.lint
}

switch ($Target) {
    "up" {
        Invoke-Python -m localstack.environment --ports
        Invoke-Step "$Venv\python" -m localstack.up
    }
    "down" { Invoke-Python -m localstack.down }
    "status" { Invoke-Python -m localstack.status }
    "logs" { Invoke-Python -m localstack.logs }
    "dev" {
        Invoke-Python -m localstack.environment
        Invoke-Step "$Venv\python" -m localstack.dev
    }
    "test" {
        $env:PYTHONDONTWRITEBYTECODE = $null # with it each process of the tests compiles everything anew
        Invoke-Python -m localstack.environment --dev --tools
        Test-Lint
        Invoke-Step "$Venv\python" -m infra.audit --advise
        Invoke-Step "$Venv\pytest" tests/unit tests/hostile -q --numprocesses auto -p tests.covered
        Invoke-Step "$Venv\pytest" tests/integration tests/e2e --numprocesses 3 --dist loadfile --no-loadscope-reorder --durations 20
    }
    "quick" {
        $env:PYTHONDONTWRITEBYTECODE = $null
        Invoke-Python -m localstack.environment --dev
        Invoke-Step "$Venv\pytest" tests/unit -q --numprocesses auto -m "not moto and not slow"
    }
    "fuzz" {
        Invoke-Python -m localstack.environment --dev
        Invoke-Step "$Venv\python" layers/ffmpeg/build.py --unpack
        $env:FUZZ_ROUNDS, $env:FUZZ_SEED = $Rounds, $Seed
        Invoke-Step "$Venv\pytest" tests/hostile -q --numprocesses auto -k damaged
    }
    "bench" {
        Invoke-Python -m localstack.environment --dev --tools
        $options = if ($Film) { @("--film", $Film) } else { @() }
        Invoke-Step "$Venv\python" -m bench @options
    }
    "drill" {
        Invoke-Python -m localstack.environment --proof --tools
        Invoke-Step "$Venv\python" -m drill
    }
    "mutants" { Write-Error "mutmut needs fork, which Windows has not: say make mutants in the Windows Subsystem for Linux." }
    "audit" {
        Invoke-Python -m localstack.environment --dev
        Invoke-Step "$Venv\python" -m infra.audit
    }
    "lint" { Test-Lint }
    "format" {
        Invoke-Python -m localstack.environment --dev
        Invoke-Step "$Venv\ruff" check --fix .
        Invoke-Step "$Venv\ruff" format .
    }
    { $_ -in "schema", "postman" } {
        Invoke-Python -m localstack.environment
        Invoke-Step "$Venv\python" -m openapi.write $Target
    }
    "aws" { Invoke-Python -m localstack.environment --aws }
    { $_ -in "deploy", "destroy" } {
        if (-not $Stage) { Write-Error "Say which stage: .\make.ps1 $Target -Stage prod" }
        Invoke-Python -m localstack.environment
        $options = if ($Plan -and $Target -eq "deploy") { @("--plan") } else { @() }
        Invoke-Step "$Venv\python" -m "infra.$Target" --stage $Stage @options
    }
    "clean" { Invoke-Python -m localstack.clean }
    default {
        Write-Host "Usage: .\make.ps1 up | down | status | logs | dev | test | quick | fuzz | bench | drill | mutants | audit | lint | format | schema | postman | aws | deploy | destroy | clean"
        Write-Host "What each does stands in the Makefile beside this file."
        if ($Target -ne "help") { exit 1 }
    }
}
