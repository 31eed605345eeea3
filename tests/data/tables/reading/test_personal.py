import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.reading.personal import are_cards, personal_data, personal_number

PRODUCTS = ["Blue Chair", "Oak Table", "Red Lamp", "Steel Shelf", "Glass Vase", "Cotton Sofa"]
PEOPLE = ["Anna Huber", "Max Meier", "Eva Bauer", "Dr. Paul Wagner", "Lena Gruber", "Jakob von Moser"]


@pytest.mark.parametrize(
    ("name", "values", "what"),
    [
        ("x", ["ann@b.com", "c.d@e.co.uk"], "e-mail addresses"),
        ("x", ["+43 664 1234567", "0043 1 4000-123", "(01) 234-5678"], "phone numbers"),
        ("x", ["212-555-0134", "415-555-0199"], "phone numbers"),
        ("Telefon", ["0664 1234567", "01 4000123"], "phone numbers"),
        ("x", ["AT611904300234573201", "DE89 3704 0044 0532 0130 00"], "bank accounts"),
        ("x", ["Hauptstraße 5", "Am Weg 12a, 1010 Wien", "12 Baker Street, London"], "addresses"),
        ("x", ["221 Oak Lane", "4 Elm Drive, Springfield"], "addresses"),
        ("x", ["123-45-6789", "987-65-4321"], "ids of persons"),
        ("patient_id", ["P001", "P002"], "ids of persons"),
        ("last_name", ["Huber", "Meier"], "names of persons"),
        ("CustomerName", PEOPLE, "names of persons"),
        ("Vorname", ["Eva", "Max"], "names of persons"),
        ("name", PEOPLE, "names of persons"),
        (
            "passenger",
            ["Braund, Mr. Owen Harris", "Heikkinen, Miss. Laina", "Allen, Mr. William"],
            "names of persons",
        ),
        ("x", PEOPLE, "names of persons"),
        ("ФИО", ["Иванов Пётр", "Смирнова Ольга", "Попов Олег"], "names of persons"),
        ("имя", ["Пётр", "Ольга", "Олег"], "names of persons"),
        ("氏名", ["田中太郎", "佐藤花子", "鈴木一郎"], "names of persons"),
        ("Imię i nazwisko", ["Zofia Nowak", "Łukasz Wójcik"], "names of persons"),
        ("телефон", ["8 912 3456789", "8 495 1234567"], "phone numbers"),
        ("x", ["4111 1111 1111 1111", "5500-0000-0000-0004"], "payment cards"),
        ("x", ["378282246310005", "6011000990139424"], "payment cards"),
        ("x", ["de89370400440532013000", "FR14-2004-1010-0505-0001-3M02-606"], "bank accounts"),
        ("x", ["Иванов Иван Иванович", "Попова Анна Сергеевна"], "names of persons"),
        ("x", ["Иванов И.И.", "Попова А. С."], "names of persons"),
        ("x", ["王伟", "李娜", "张敏", "刘静", "陈丽"], "names of persons"),
        ("x", ["김민준", "이서연", "박지우", "최수호", "정예준"], "names of persons"),
        ("x", ["佐藤 太郎", "鈴木花子", "高橋美咲", "田中健太"], "names of persons"),
        ("x", ["محمد حسن", "فاطمة علي"], "names of persons"),
        ("x", ["अमित शर्मा", "प्रिया सिंह"], "names of persons"),
        ("x", ["Γιώργος Νικολάου", "Ελένη Γεωργίου"], "names of persons"),
        ("x", ["Anna Huber <anna@b.com>", "eva@c.at; max@d.org"], "e-mail addresses"),
        ("x", ["0664/123456", "01-23 45", "0316 / 87 65-43"][::2], "phone numbers"),
        ("x", ["06 20 66 40 58", "01.98.55.84.27"], "phone numbers"),
        ("x", ["Tel. 0664 123456", "Fax: +43 1 400012"], "phone numbers"),
        ("phone", ["212-555-0134x12", "4155550199 ext. 7"], "phone numbers"),
        ("x", ["(212) 555-0134 x12", "415.555.0199"], "phone numbers"),
        ("x", ["E. Kowalski", "J.R. Smith", "M. Rossi", "Berger, P."], "names of persons"),
        ("x", ["QQ 12 34 56 C", "AB 65 43 21 A"], "ids of persons"),
        ("x", ["@julia_570", "@wei.115"], "ids of persons"),
        ("Matrikelnummer", ["H0123", "H0456"], "ids of persons"),
        ("address", ["P.O. Box 99", "Gruberweg 46a/15"], "addresses"),
        ("ulica", ["ul. Polna 8", "al. Jana 9/2"], "addresses"),
        ("x", ["d0:5e:4a:91:6f:8c", "15-39-06-d8-d5-35", "0015.2b3c.4d5e"], "network addresses"),
        ("x", ["10.0.0.100", "192.168.7.41:8080", "84.112.9.3"], "network addresses"),
        ("x", ["2001:db8::ff00:42:8329", "fe80::1"], "network addresses"),
        ("x", ["M-AB 1234", "KA-X 7", "HH-ZZ 99E"], "vehicle numbers"),
        ("x", ["AB12 CDE", "KX07 ABC"], "vehicle numbers"),
        ("x", ["AB-123-CD", "FG-045-ZA"], "vehicle numbers"),
        ("x", ["1234 BCD", "0456 XYZ"], "vehicle numbers"),
        ("x", ["А123ВС77", "М456ОР178"], "vehicle numbers"),
        ("x", ["WVWZZZ1JZXW000001", "1HGCM82633A004352"], "vehicle numbers"),
        ("licensePlate", ["7ABC123", "ABC-1234"], "vehicle numbers"),
        ("Kennzeichen", ["W-12345A", "GU 123 AB"], "vehicle numbers"),
        ("x", ["12345678Z", "X1234567L"], "ids of persons"),
        ("x", ["RSSMRA85T10A562S", "VRDLGI80A01H501U"], "ids of persons"),
        ("x", ["850709-9805", "19850709-9805", "070385-1234"], "ids of persons"),
        ("x", ["131052-308T", "010190-999P"], "ids of persons"),
        ("x", ["900101-1234567", "851231-2765432"], "ids of persons"),
        ("x", ["756.1234.5678.97", "756.9217.0769.85"], "ids of persons"),
        ("x", ["1234 010180", "4321 311299"], "ids of persons"),
        ("x", ["11010519491231002X", "440524188001010014"], "ids of persons"),
        ("x", ["1 85 07 78 123 456 78", "285077812345678"], "ids of persons"),
        ("x", ["ABCPD1234E", "XYZHK9876L"], "ids of persons"),
        ("Kontonummer", ["00012345678", "12345678901"], "bank accounts"),
        ("x", ["Hoofdstraat 12", "Storgatan 5 B", "Vestergade 7", "Mannerheimintie 12"], "addresses"),
        ("x", ["Via Roma, 12", "C/ Mayor, 5", "Rua Augusta 1578", "ul. Polna 8/12"], "addresses"),
        ("x", ["ул. Ленина, д. 12", "проспект Мира 5"], "addresses"),
        ("x", ["12 bis rue de la Paix, Paris", "7 avenue Foch"], "addresses"),
        ("x", ["Kossuth utca 12", "Atatürk Cad. No: 5"], "addresses"),
        ("x", ["東京都渋谷区神南1-2-3", "大阪市北区梅田3丁目1"], "addresses"),
        ("x", ["48.20817, 16.37382", "-33.86882,151.20929", "(40.7128, -74.0060)"], "coordinates"),
        ("login", ["ahuber7", "p.meier", "eva_b"], "user names"),
        ("Benutzername", ["anna92", "max_m"], "user names"),
        (
            "customer",
            ["Anna Huber", "Huber GmbH", "Max Meier", "Blue Line Ltd", "Eva & Sons"],
            "names of persons",
        ),
        ("x", ["Anna Huber", "Iron Works Inc.", "Max Meier", "Eva Bauer", "ООО Ромашка"], "names of persons"),
        # what is no personal data
        ("x", ["1.2.3.4", "10.0.19.1", "2.15.0.3"], ""),
        ("x", ["12:30:45", "1:02:03", "23:59:59"], ""),
        ("x", ["AB-123-IO", "OI-045-QU", "UU-999-AO"], ""),
        ("plate", ["P1", "P2", "P3"], ""),
        ("x", ["12345678A", "87654321B"], ""),
        ("x", ["10-20", "20-30", "100-110"], ""),
        ("x", ["American 12", "Alpha 7", "Avalon 3"], ""),
        ("konto", ["4400 Erlöse", "5000 Aufwand"], ""),
        ("user", ["admin", "guest", "root"], ""),
        ("maker", ["Siemens AG", "Ford", "Philips", "General Electric", "Miele & Cie"], ""),
        ("x", ["1.25, 3.5", "2.75, 4.125"], ""),
        ("x", ["0.1234,-1.5678", "-0.9876,0.4321"], ""),
        ("x", ["N. Korea", "S. Korea", "N. Ireland", "S. Sudan"], ""),
        ("species", ["E. coli", "S. aureus", "B. subtilis", "P. putida", "L. lactis"], ""),
        ("artist", ["J. Cash", "B. Dylan", "E. John", "R. Charles"], ""),
        ("address", ["0x12ab", "0x99cd"], ""),
        ("street", ["Gravel", "Pave"], ""),
        ("x", ["https://medium.com/@ann", "https://a.org/b@c"], ""),
        ("ratio", ["01/2020", "02/2021"], ""),
        ("x", ["4111 1111 1111 1112", "5500-0000-0000-0005"], ""),
        ("x", ["000010110000", "000111110001"], ""),
        ("x", ["周一", "周二", "周三", "周四", "周五"], ""),
        ("x", ["黄色", "白色", "金色", "红色"], ""),
        ("x", ["北京", "上海", "广州", "武汉"], ""),
        ("город", ["Томск", "Казань", "Москва"], ""),
        ("都市", ["東京", "大阪", "京都"], ""),
        ("city", ["Wien", "Graz"], ""),
        ("city", ["San Francisco", "New York", "Los Angeles", "Santa Rosa"], ""),
        ("x", ["Paris", "Victoria", "Charlotte", "Florence", "Austin"], ""),
        ("filename", ["a.txt", "b.txt"], ""),
        ("price", ["12.50", "3.00"], ""),
        ("day", ["2024-01-01", "2024-01-02"], ""),
        ("name", PRODUCTS, ""),
        ("product_name", PRODUCTS, ""),
        ("brand", ["Calvin Klein", "Tommy Hilfiger", "Ralph Lauren"], ""),
        ("artist", ["John Lennon", "Maria Callas"], ""),
        ("customer_name", ["Meyer GmbH", "Smith Ltd", "Acme Inc", "Huber & Co"], ""),
        ("customer", ["retail", "wholesale", "online", "partner", "other"], ""),
        ("job", ["Sales Manager", "Office Clerk", "Head Nurse", "Team Lead"], ""),
        ("country", ["United States", "New Zealand", "Costa Rica"], ""),
        ("education", ["Bachelors", "HS-grad", "Some-college", "Masters"], ""),
        ("range", ["01-02", "10-20", "30-45"], ""),
        ("sku", ["AB-123", "CD-456"], ""),
        ("customer_type", ["A1", "B2"], ""),
        ("name", [], ""),
    ],
)
def test_personal_data_is_recognized(name, values, what):
    assert personal_data(name, values) == what


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("customer_id", "ids of persons"),
        ("PatientID", "ids of persons"),
        ("SSN", "ids of persons"),
        ("home_phone", "phone numbers"),
        ("mobile no", "phone numbers"),
        ("id", ""),
        ("order_id", ""),
        ("product_id", ""),
        ("user_age", ""),
        ("customers", ""),
        ("hotel", ""),
    ],
)
def test_numbers_of_persons_are_recognized_by_the_name_of_the_column(name, what):
    assert personal_number(name) == what


def test_numbers_of_cards_are_made_up_and_other_long_numbers_are_learned(tmp_path):
    rng = np.random.default_rng(0)
    bodies = [f"4{number:014d}" for number in rng.integers(0, 10**14, 60)]
    cards = [body + next(str(d) for d in range(10) if are_cards([int(f"{body}{d}")])) for body in bodies]
    frame = pd.DataFrame({"card": cards, "other": [f"{body}1" for body in bodies], "x": np.arange(60) / 4})
    frame.to_csv(tmp_path / "t.csv", index=False)
    module = open_data(tmp_path / "t.csv")
    fates = {one.name: (one.fate, one.personal) for one in module.readings}
    assert fates["card"] == ("made up", "payment cards")
    assert fates["other"][1] == ""
    made = module.codec.decode(module.codec.encode(module.split("train")))["card"].astype(str)
    assert made.str.fullmatch(r"4\d{15}").all()
    assert not set(made) & set(cards)


@pytest.mark.parametrize(
    ("name", "cell", "what"),
    [
        ("phone", lambda i: f"{2125550100 + 7919 * i}", "phone numbers"),
        ("customer_id", lambda i: f"{1000003 + 7919 * i}", "ids of persons"),
        ("x", lambda i: f"+43{100000007 + 7919 * i}", "phone numbers"),
        ("customer_id", lambda i: f"{i + 1}", ""),
        ("x", lambda i: f"+{100 + 7 * i}", ""),
        ("income", lambda i: f"{1000003 + 7919 * i}", ""),
    ],
)
def test_few_numbers_of_persons_that_repeat_are_made_up(tmp_path, name, cell, what):
    lines = [f"{cell(i * i % 19)},{i / 4}" for i in range(200)]
    (tmp_path / "t.csv").write_text("\n".join([f"{name},y", *lines]), encoding="utf-8")
    module = open_data(tmp_path / "t.csv")
    assert {one.name: one.personal for one in module.readings}[name] == what
    made = module.codec.decode(module.codec.encode(module.split("train")))[name].astype(str)
    assert bool(set(made.str.lstrip("+")) & {cell(i).lstrip("+") for i in range(19)}) == (not what)
