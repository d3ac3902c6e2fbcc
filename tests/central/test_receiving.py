from tests.conftest import record, sync, arrived_codes, held_codes

def test_a(central, device, link, clock):
    record(device); 
    link.lose("answer")
    o = sync(device, link); print(o)
    o = sync(device, link); print(o)
    assert arrived_codes(central) == held_codes(device) == ["H62.11.01-211004-0001"]
def test_b(central, second_device, other_desk, link):
    record(second_device); link.repeat()
    print(sync(second_device, link))
    print(link.calls())
