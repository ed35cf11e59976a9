*** Settings ***
Library    Collections
Library    OperatingSystem
Library    RPA.Robocorp.WorkItems
Library    RPA.Robocorp.Vault

*** Tasks ***
Book orders
    For Each Input Work Item    Book order

Show secrets
    ${account}=    Get Secret    broker
    Log    signed in as ${account}[username] with ${account}[password]
    Log To Console    again: ${account}[password]

*** Keywords ***
Book order
    ${code}=    Get Work Item Variable    code
    ${path}=    Get Work Item File    ${code}.txt    ${OUTPUT_DIR}${/}in-${code}.txt
    ${text}=    Get File    ${path}
    Create Output Work Item
    Set Work Item Variables    code=${code}    text=${text}
    Create File    ${OUTPUT_DIR}${/}receipt.txt    receipt of ${code}
    Add Work Item File    ${OUTPUT_DIR}${/}receipt.txt
    Save Work Item
    IF    '${code}' == 'bad'
        Release Input Work Item    FAILED    exception_type=BUSINESS    code=BAD    message=code is bad
    END
    Log    booked ${code}
